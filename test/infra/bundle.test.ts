import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { bundleFolder, bundleFunctions } from '../../infra/bundle.ts';
import { listen } from '../support/http-server.ts';

// esbuild reads the whole SDK; on a busy machine that alone takes long.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

beforeAll(() => bundleFunctions(['bootstrap', 'targets']));

const VARIABLES = {
  RECORDS_TABLE: 'records',
  LIVE_TABLE: 'live',
  SERVICE_NAME: 'bundled',
  LOG_LEVEL: 'ERROR',
  SOCKETS_ENDPOINT: 'http://127.0.0.1:1',
  ARTIFACTS_BUCKET: 'artifacts',
  SECRETS_BUCKET: 'secrets',
  SITES_BUCKET: 'sites',
  EDGE_KEY_VALUE_STORE: 'store',
  SITE_HOSTING: '{}',
  FAN_OUT_QUEUE_URL: 'http://127.0.0.1:1/fan-out',
  OBSERVE_QUEUE_URL: 'http://127.0.0.1:1/queue',
  PRIVATE_HOSTS: '[]',
};
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'secret' };

/** Runs code beside a bundle, in a process that has these variables and no others. */
async function run(code: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = { ...VARIABLES, AWS_REGION: 'us-east-1', ...variables };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], { env, timeout: 50_000 });
  return stdout;
}

/** Invokes the bundled bootstrap; the headers of the request that it made to the database. */
async function signedHeaders(variables: Readonly<Record<string, string>>): Promise<IncomingHttpHeaders[]> {
  const seen: IncomingHttpHeaders[] = [];
  await using database = await listen((request, response) => {
    seen.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
  const endpoint = `http://${database.host}`;
  await run(`require(${index('bootstrap')}).handler({})`, { AWS_ENDPOINT_URL: endpoint, ...variables });
  return seen;
}

const index = (name: string) => JSON.stringify(join(bundleFolder(name), 'index.js'));

test('a bundled function signs with the credentials of its environment, with a session token and without', async () => {
  const [lasting] = await signedHeaders(CREDENTIALS);
  expect(lasting?.authorization).toContain('Credential=AKIDENVIRONMENT/');
  expect(lasting).not.toHaveProperty('x-amz-security-token');

  const [session] = await signedHeaders({ ...CREDENTIALS, AWS_SESSION_TOKEN: 'of-the-role' });
  expect(session?.authorization).toMatch(
    /Credential=AKIDENVIRONMENT\/.*SignedHeaders=[^,]*x-amz-security-token/,
  );
  expect(session).toHaveProperty('x-amz-security-token', 'of-the-role');
});

/** The files of a bundle that define a class. */
function filesWith(name: string, className: string): string[] {
  const definition = new RegExp(`\\b(${className}=class|class ${className})\\b`);
  const folder = bundleFolder(name);
  return readdirSync(folder).filter((file) => definition.test(readFileSync(join(folder, file), 'utf8')));
}

test('the start of targets loads the database client, and no file of a client that only some calls need', async () => {
  const listed = await run(
    `require(${index('targets')}); process.stdout.write(JSON.stringify(Object.keys(require.cache)))`,
  );
  const loaded: string[] = JSON.parse(listed).map((file: string) => basename(file));
  const database = filesWith('targets', 'DynamoDBClient');
  expect(database).toHaveLength(1);
  expect(loaded).toEqual(expect.arrayContaining(database));
  for (const client of ['S3Client', 'SFNClient', 'SQSClient', 'CloudFrontClient']) {
    const files = filesWith('targets', client);
    expect(files, client).toHaveLength(1);
    expect(loaded, client).not.toEqual(expect.arrayContaining(files));
  }
});
