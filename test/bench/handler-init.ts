import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { bundleFolder, bundleFunctions, functionNames } from '../../infra/bundle.ts';
import { atMost, type Figure, median } from './figure.ts';

/** Fresh processes per handler, taken in turn so that a slow moment hits all alike. */
const ROUNDS = 30;
/** Share of the conventional bundle's init that a handler may take. */
const BOUND = 0.5;

/** Prints the time from before the module is loaded until its top level ran, in ms. */
const TIMER =
  'const t=process.hrtime.bigint();const done=()=>console.log(Number(process.hrtime.bigint()-t)/1e6);';

/** Init of each handler against the conventional bundle's, median of fresh interleaved processes. */
export async function run(): Promise<Figure[]> {
  bundleFunctions();
  const conventional = bundleConventional();
  const names = functionNames();
  const times = new Map<string, number[]>(['conventional', ...names].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    times
      .get('conventional')
      ?.push(initOf(`${TIMER}await import(${JSON.stringify(conventional)});done()`, 'module'));
    for (const name of names) {
      const file = join(bundleFolder(name), 'index.js');
      times.get(name)?.push(initOf(`${TIMER}require(${JSON.stringify(file)});done()`, 'commonjs'));
    }
  }
  const base = median(times.get('conventional') ?? []);
  return names.map((name) =>
    atMost(
      `init of ${name} / conventional (${base.toFixed(0)} ms)`,
      median(times.get(name) ?? []) / base,
      BOUND,
      'ratio',
    ),
  );
}

function bundleConventional(): string {
  const outfile = join(mkdtempSync(join(tmpdir(), 'slipway-bench-')), 'index.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'conventional.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // CommonJS parts of the SDK need require in an ES module.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return outfile;
}

function initOf(code: string, type: 'module' | 'commonjs'): number {
  const ran = spawnSync(process.execPath, [`--input-type=${type}`, '-e', code], {
    encoding: 'utf8',
    env: environment(),
    timeout: 30_000,
  });
  const ms = Number(ran.stdout.trim().split('\n').at(-1));
  if (ran.status !== 0 || !Number.isFinite(ms))
    throw new Error(`A bundle does not load: ${ran.stderr.slice(0, 500)}`);
  return ms;
}

function environment(): Record<string, string> {
  return {
    ...VALUES,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    POWERTOOLS_DEV: 'false',
  };
}

/** Every variable of every handler; the values only have to have the form that is asked for. */
const VALUES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'RECORDS_TABLE',
      'LIVE_TABLE',
      'SERVICE_NAME',
      'ARTIFACTS_BUCKET',
      'SECRETS_BUCKET',
      'SITES_BUCKET',
      'DEPLOY_MACHINE_ARN',
      'ROLLBACK_MACHINE_ARN',
      'EVENT_BUS_NAME',
      'CURSOR_KEY',
      'CODEBUILD_PROJECT',
      'TARGETS_FUNCTION',
      'STEPS_FUNCTION',
      'EDGE_KEY_VALUE_STORE',
      'RUNNER_PROGRAM_BUCKET',
      'RUNNER_PROGRAM_KEY',
      'SCHEDULE_GROUP',
      'SCHEDULE_ROLE',
      'DUE_FUNCTION',
    ].map((name) => [name, 'bench']),
  ),
  LOG_LEVEL: 'INFO',
  WAITING_PLACES: '50',
  DEFAULT_RUNNER: 'agent',
  PRIVATE_HOSTS: '[]',
  OIDC_ISSUERS: '[]',
  ALLOWED_ORIGINS: '[]',
  SITE_HOSTING: '{"kind":"edge","adminUrl":"http://127.0.0.1:1","token":"bench"}',
  API_URL: 'https://bench.invalid',
  WEBSOCKET_URL: 'wss://bench.invalid',
  SOCKETS_ENDPOINT: 'https://bench.invalid',
  FAN_OUT_QUEUE_URL: 'https://bench.invalid/fan-out',
  OBSERVE_QUEUE_URL: 'https://bench.invalid/queue',
};
