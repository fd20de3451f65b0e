import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { costFrom, storedCost } from '../domain/cost.ts';
import type { Deployment } from '../domain/records.ts';

/**
 * What most records say in the same words, for the compressor to point at; the most usual stands last. Part of the
 * stored form: never changed, a better one would be another version (docs/decisions/what-a-deployment-costs.md).
 */
const WORDS = Buffer.from(
  [
    '"rollback":{"ofDeploymentId":"dep_","targetDeploymentId":"dep_","reason":"","by":"","automatic":false}',
    '"approval":{"required":1,"allowSelf":false,"digest":"","requestedAt":"","expiresAt":"","given":[]}',
    '"cancelRequested":{"at":"","by":"","reason":""},"failure":{"code":"BUILD_FAILED","stage":"build","message":"",',
    '"exitCode":1,"retryable":false,"suggestion":"","recovery":"fix","severity":"recoverable"},"undo":{"attempts":1}',
    '"hooks":{"pre":[],"post":[],"onPostFailure":"warn"},"healthCheck":{"path":"/","expectStatus":200},',
    '"configuration":{},"parameters":{},"variables":{"":{"revision":1,"sensitive":true,"use":"runtime","updatedAt":"",',
    '"updatedBy":""}},"build":{"installCommand":"npm ci","buildCommand":"npm run build","outputDirectory":"dist"},',
    '"target":{"kind":"custom","url":"https://","secret":""},"repository":{"url":"https://git","defaultBranch":"main"},',
    '"timeouts":{},"frozen":true},"overrides":{},"strategy":"all-at-once","validation":{"passed":true,"checks":[',
    '{"name":"project","passed":true,"message":"project  can be deployed"},{"name":"version","passed":true,',
    '"message":"the version can be deployed"},{"name":"artifact","passed":true,"message":"the artifact is built from ',
    'the source"},{"name":"blocked","passed":true,"message":"the version is not blocked here"},{"name":"source",',
    '"passed":true,"message":"the source is known"},{"name":"secrets","passed":true,"message":"the secrets that the ',
    'project and the hooks name are there"},{"name":"hooks","passed":true,"message":"its hooks fit those of the ',
    'environment"},{"name":"variables","passed":true,"message":"no variable is required"},{"name":"dependencies",',
    '"passed":true,"message":"it depends on no other project"},{"name":"promotion","passed":true,"message":"it may come ',
    'here without having been anywhere else"},{"name":"strategy","passed":true,"message":"the target can deploy ',
    'all-at-once"},{"name":"health","passed":true,"message":"no live check has said anything about what is served"},',
    '{"name":"active","passed":true,"message":"nothing is live here yet"},{"name":"freeze","passed":true,"message":"no ',
    'freeze holds it"},{"name":"approval","passed":true,"message":"nobody has to approve it"},{"name":"record",',
    '"passed":true,"message":"the record names the artifact that went live: "},{"name":"snapshot","passed":true,',
    '"message":"configuration, parameters and variables are kept as they went live"},{"name":"status","passed":true,',
    '"message":"it ended as succeeded, its release is active"},{"name":"served","passed":true,"message":" serves it"}],',
    '"errors":[],"warnings":[],"suggestions":[]},"fence":1,"source":{"type":"branch","ref":"main","commit":{"sha":"",',
    '"message":"","author":""}},"type":"deploy","versionId":"ver_01","versionNumber":1,"status":"deploying",',
    '"releaseState":"none","stage":"activate","progress":80,"currentStep":"","note":"","previewUrls":[],"retryCount":0,',
    '"stages":[{"name":"gate","status":"succeeded","attempts":1,"startedAt":"20","finishedAt":"20"},{"name":"build",',
    '"status":"running","attempts":0},{"name":"release","status":"pending","attempts":0},{"name":"verify","status":',
    '"pending","attempts":0,"message":"The staged release passes its check: GET https:// answered as expected."},',
    '{"name":"activate","status":"pending","attempts":0,"message":"The live release passes its check: GET https:// ',
    'answered as expected."},{"name":"settle","status":"succeeded"}],"cost":{"usd":0.000,"control":0.000,',
    '"transitions":7,"writeUnits":,"readUnits":,"posts":,"lambdaMs":,"buildSeconds":,"gbSeconds":0.,"invocations":,',
    '"requests":,"messages":,"events":,"puts":,"gets":,"traces":1,"sentBytes":,"storedBytes":,"calls":},"updatedAt":"20',
    '"revision":,"wake":0,"seen":0,"published":,"deadlines":{"total":17,"stage":17,"claim":17,"heartbeat":17},"calls":{}',
    '"activating":true,"entered":{"gate":"20","build":"20","release":"20","verify":"20","activate":"20","settle":"20"},',
    '"ticket":1,"executionArn":"arn:aws:states:us-east-1::execution:Slipway-deploy:dep_01","startedAt":"20","job":"dep_',
    '.build.0","runner":"","artifact":{"key":"artifacts/dep_01/build-0-.zip","digest":"","size":,"files":},"releaseId":"',
    '"activation":{"round":0,"enteredAt":"20","work":{"kind":"step","step":0}},"url":"https://","settling":{"at":"20",',
    '"by":"machine"},"closing":false,"draining":false,"finishedAt":"20","durationSeconds":,"previousGood":"dep_01',
    '{"id":"dep_01","projectId":"prj_01","environment":"production","method":"api","trigger":{"kind":"api","actor":"',
    '"key":"tok_01"},"force":false,"rollbackOnFailure":true,"snapshot":{"createdAt":"20T00:00:00.000Z","',
  ].join(''),
);

/** A record as it is stored: compressed, since each of its thirty changes pays for each begun kilobyte. */
export const packedRecord = (deployment: Deployment): Uint8Array =>
  deflateRawSync(JSON.stringify({ ...deployment, cost: storedCost(deployment.cost) }), { dictionary: WORDS });

/**
 * A record as it was stored: compressed, as bytes or (in an event of the stream) as base64; up to version 2 as it was.
 * Only this file wrote it, from a Deployment.
 */
export function recordFrom(stored: unknown): Deployment {
  const bytes = typeof stored === 'string' ? Buffer.from(stored, 'base64') : stored;
  const record = bytes instanceof Uint8Array ? unpacked(bytes) : (bytes as Deployment);
  return { ...record, cost: costFrom(record.cost) };
}

const unpacked = (bytes: Uint8Array): Deployment =>
  JSON.parse(inflateRawSync(bytes, { dictionary: WORDS }).toString('utf8')) as Deployment;
