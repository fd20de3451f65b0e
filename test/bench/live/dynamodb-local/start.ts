import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { INSTALL } from '../../../../local/paths.ts';
import { freePort } from '../../../../local/supervise/ports.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { need, runs } from '../../../needs.ts';
import { clientOf } from './client.ts';

/** Named by the version in pom.xml. */
const HOME = join(INSTALL, 'dynamodb-local-2.6.1');
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
/** It shares the processors with what is measured: no threads that optimise for hours to come, nor many that collect. */
const SMALL = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const FETCH_MS = 600_000;
const START_MS = 60_000;

export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): void;
}

/**
 * Starts DynamoDB Local, AWS's own engine for development, with tables in memory. It has a license of its own, so it is
 * no part of this repository: whoever runs this fetches it from Maven Central (51 MB, once).
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  need('Measurements on DynamoDB Local', [
    { what: 'Java 17', debian: 'default-jre-headless', present: () => runs('java', '-version') },
    { what: 'Maven', debian: 'maven', present: () => runs('mvn', '--version') },
  ]);
  if (!existsSync(HOME)) fetchLibraries();
  const port = await freePort();
  const args = [...SMALL, `-Djava.library.path=${HOME}`, '-cp', join(HOME, '*'), MAIN];
  const server = spawn('java', [...args, '-inMemory', '-disableTelemetry', '-port', String(port)], {
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint, server);
  return { endpoint, stop: () => void server.kill() };
}

/** Into a folder that has its name only once it is whole. */
function fetchLibraries(): void {
  process.stdout.write('  fetching DynamoDB Local, which comes under a license of AWS, from Maven Central\n');
  const part = `${HOME}.part`;
  rmSync(part, { recursive: true, force: true });
  const pom = join(import.meta.dirname, 'pom.xml');
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${part}`];
  const { status } = spawnSync('mvn', args, { stdio: 'inherit', timeout: FETCH_MS });
  if (status !== 0) throw new Error('Maven could not fetch DynamoDB Local; see its messages above.');
  renameSync(part, HOME);
}

async function answers(endpoint: string, server: ChildProcess): Promise<void> {
  const client = clientOf(endpoint);
  const end = systemClock.now() + START_MS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (server.exitCode !== null || systemClock.now() > end)
        throw new Error('DynamoDB Local did not start; it needs Java 17 or newer.', { cause: error });
      await systemClock.sleep(200);
    }
  }
}
