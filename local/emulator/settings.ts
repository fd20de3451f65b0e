import { join } from 'node:path';
import { LOOPBACK } from '../supervise/ports.ts';

/**
 * Which account and region everything local lives in. The emulator takes any credentials; an access key of 12
 * digits would choose another account, so this one is not.
 */
export const LOCAL_AWS = {
  account: '000000000000',
  region: 'us-east-1',
  accessKeyId: 'test',
  secretAccessKey: 'test',
} as const;

export interface EmulatorSettings {
  readonly port: number;
  /** State and log are below this folder. */
  readonly dir: string;
  /** For what lasts no longer than the process, see scratch.ts. */
  readonly scratch: string;
  /** Keep what is created across a clean stop. */
  readonly keepState: boolean;
  /** Check every call against the caller's IAM policies, see settingsOf. */
  readonly enforceIam: boolean;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARNING';
  /** Where Lambdas find AWS, if that isn't the emulator's own port. */
  readonly endpointForFunctions?: string;
}

/** Where the emulator's parts of the local state are. */
export function foldersOf(dir: string): { state: string; objects: string; log: string } {
  return {
    state: join(dir, 'state', 'services'),
    objects: join(dir, 'state', 'objects'),
    log: join(dir, 'logs', 'emulator.log'),
  };
}

/**
 * The emulator is steered by environment variables only. What was found in the source of ministack 1.5.33:
 *
 * - GATEWAY_PORT: the one port for all services. BIND_HOST: 0.0.0.0 unless told.
 * - MINISTACK_HOST: the name it puts into URLs and takes for virtual hosts (`{apiId}.execute-api.<host>`).
 *   The SDK uses path-style bucket addresses by itself where the endpoint is an IP address.
 * - PERSIST_STATE and STATE_DIR: a file per service, written at a clean stop and at no other moment.
 *   S3_PERSIST and S3_DATA_DIR: object bodies, written with each put; without them buckets come back empty.
 * - LAMBDA_EXECUTOR=local: Lambdas run as `node` from PATH, one warm process per concurrent call, and inherit
 *   this whole environment below their own variables; AWS_REGION, credentials and
 *   AWS_ENDPOINT_URL=http://127.0.0.1:<port> are set for them (the latter unless the function or this
 *   environment has one). LAMBDA_WARM_TTL_SECONDS: when idle ones beyond the first are ended.
 * - AUTH=true: IAM enforcement. Signatures are verified and every call is checked against the identity and
 *   resource policies. A Lambda then gets a session of its execution role as AWS_ACCESS_KEY_ID,
 *   AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, without it the account's own key.
 * - TMPDIR: code of Lambdas is unpacked there, and a file with the process id.
 * - IOT_MTLS_ENABLED, SFTP_ENABLED: listeners on fixed ports that nobody here needs.
 * - DOCKER_HOST: told a socket that isn't there, so that it never looks for, nor reaps, anyone's containers.
 */
export function settingsOf(settings: EmulatorSettings): Record<string, string> {
  const folders = foldersOf(settings.dir);
  return {
    GATEWAY_PORT: String(settings.port),
    BIND_HOST: LOOPBACK,
    MINISTACK_HOST: 'localhost',
    MINISTACK_REGION: LOCAL_AWS.region,
    MINISTACK_ACCOUNT_ID: LOCAL_AWS.account,
    PERSIST_STATE: settings.keepState ? '1' : '0',
    STATE_DIR: folders.state,
    S3_PERSIST: settings.keepState ? '1' : '0',
    S3_DATA_DIR: folders.objects,
    TMPDIR: settings.scratch,
    LAMBDA_EXECUTOR: 'local',
    AUTH: settings.enforceIam ? 'true' : 'false',
    ...(settings.endpointForFunctions && { AWS_ENDPOINT_URL: settings.endpointForFunctions }),
    LOG_LEVEL: settings.logLevel,
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    // The root of the account, whose signatures AUTH=true verifies; never what the person's shell has.
    AWS_ACCESS_KEY_ID: LOCAL_AWS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_AWS.secretAccessKey,
    DOCKER_HOST: `unix://${join(settings.scratch, 'no-docker.sock')}`,
    PYTHONUNBUFFERED: '1',
    // Nothing is written beside the sources.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
