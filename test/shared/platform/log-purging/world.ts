import { gunzipSync } from 'node:zlib';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { NewLine } from '../../../../shared/domain/log.ts';
import type { LogLimits } from '../../../../shared/domain/log-limits.ts';
import type { LogPurge } from '../../../../shared/domain/log-purge.ts';
import type { Deployment } from '../../../../shared/domain/records.ts';
import { closeLog } from '../../../../shared/platform/log-closing.ts';
import { carryOutPurges } from '../../../../shared/platform/log-purging.ts';
import { deploymentItem } from '../../../../shared/store/deployment-item.ts';
import { changeWith, requireDeployment } from '../../../../shared/store/deployments.ts';
import { putItem } from '../../../../shared/store/engine.ts';
import type { ArchiveObjects } from '../../../../shared/store/log-archive-form.ts';
import { appendLines } from '../../../../shared/store/log-chain.ts';
import { fromChunkItem } from '../../../../shared/store/log-chunk.ts';
import { readLines } from '../../../../shared/store/log-read.ts';
import { loggedDeployment, logSource } from '../../../../shared/store/log-source.ts';
import { freshBucket, type TestBucket } from '../../../support/bucket.ts';
import { givenDeployment, givenProject } from '../../../support/given.ts';
import { freshStore, type TestStore } from '../../../support/store.ts';
import { leftForWorkers, viewers } from '../../../support/viewers.ts';
import { type Fate, sabotaged } from '../../store/log-chain/chain.ts';
import { numbered } from '../../store/log-chain/lines.ts';

export const SECRET = 'hunter2-AKIAIOSFODNN7EXAMPLE';

/** What a runner says of a build that failed: its last lines. */
const BUILD_FAILED = `The build command exited with 1.\nbuild 11\nPASSWORD=${SECRET}\nbuild 13`;

/** Thirty lines, five a chunk; the 13th shows the secret. */
export function leakyLines(): NewLine[] {
  return numbered(0, 30).map((line, i) => (i === 12 ? { ...line, message: `PASSWORD=${SECRET}` } : line));
}

export class LeakyLog {
  readonly store: TestStore;
  readonly bucket: TestBucket;
  readonly id: string;

  private constructor(store: TestStore, bucket: TestBucket, id: string) {
    this.store = store;
    this.bucket = bucket;
    this.id = id;
  }

  /** A deployment with such a log, still running. */
  static async written({ gateFirst = false } = {}): Promise<LeakyLog> {
    const store = await freshStore();
    const deployment = await givenDeployment(store, await givenProject(store));
    const log = new LeakyLog(store, await freshBucket(), deployment.id);
    if (gateFirst) await appendLines(store, log.id, 'gate', 0, numbered(0, 1, 'gate'));
    const lines = leakyLines();
    for (let at = 0; at < lines.length; at += 5)
      await appendLines(store, log.id, 'build.0', at, lines.slice(at, at + 5));
    return log;
  }

  record = () => requireDeployment(this.store, this.id);

  /** Ends it as its settlement does; its failure repeats the last lines, as a runner tells them. */
  async end(message = BUILD_FAILED): Promise<void> {
    const current = await this.record();
    const error = {
      code: 'BUILD_FAILED',
      stage: 'build',
      message,
      retryable: false,
      suggestion: 'Look.',
      recovery: 'fix',
      severity: 'recoverable',
    } as const;
    const ended: Deployment = {
      ...current,
      status: 'failed',
      finishedAt: current.createdAt,
      durationSeconds: 1,
      closing: true,
      failure: error,
      error,
      stages: [{ name: 'build', status: 'failed', attempts: 1, message: error.message }],
    };
    await putItem(this.store, deploymentItem(ended), { expression: 'attribute_exists(pk)' });
  }

  async wish(from: number, to: number): Promise<void> {
    const purge: LogPurge = {
      from,
      to,
      reason: 'a key',
      by: 'ann',
      at: new Date(this.store.clock.now()).toISOString(),
    };
    await changeWith(this.store, this.id, ({ purges = [] }) => ({ purges: [...purges, purge] }));
  }

  carryOut = async (
    store: TestStore = this.store,
    objects: ArchiveObjects = this.bucket.objects,
    most?: LogLimits,
  ) => carryOutPurges(store, objects, await this.record(), most);

  close = async (
    store: TestStore = this.store,
    objects: ArchiveObjects = this.bucket.objects,
    most?: LogLimits,
  ) => closeLog({ store, poster: viewers(), fanOut: leftForWorkers() }, objects, await this.record(), most);

  /** The lines as a reader gets them. */
  async read() {
    const source = logSource(
      this.store,
      async () => this.bucket.objects,
      loggedDeployment(await this.record()),
    );
    return readLines(this.store, this.id, { place: { after: 0 }, limit: 1000 }, source);
  }

  /** Everything that is stored in tables and bucket, unpacked, as one text. */
  async everything(): Promise<string> {
    const parts: unknown[] = [];
    for (const TableName of [this.store.recordsTable, this.store.liveTable]) {
      const { Items = [] } = await this.store.client.send(
        new ScanCommand({ TableName, ConsistentRead: true }),
      );
      for (const item of Items.map((each) => unmarshall(each))) {
        parts.push(item);
        if (item['kind'] === 'log') parts.push(fromChunkItem(item).read());
      }
    }
    for (const key of await this.keys()) {
      const bytes = (await this.bucket.objects.read(key)) ?? new Uint8Array();
      parts.push(key.endsWith('.index.json') ? Buffer.from(bytes).toString() : gunzipSync(bytes).toString());
    }
    return JSON.stringify(parts);
  }

  async keys(): Promise<string[]> {
    const { Contents = [] } = await this.bucket.client.send(
      new ListObjectsV2Command({ Bucket: this.bucket.name }),
    );
    return Contents.flatMap(({ Key }) => Key ?? []).sort();
  }
}

const WRITES = new Set(['PutItemCommand', 'UpdateItemCommand', 'TransactWriteItemsCommand']);

/** Store and bucket of a process that meets its fate at its `nth` write to either. */
export function dyingAt(log: LeakyLog, nth: number, fate: Fate) {
  let writes = 0;
  let dead = false;
  const met = (): Fate => {
    if (dead) return 'die';
    writes += 1;
    if (writes !== nth) return 'go-on';
    dead = true;
    return fate;
  };
  const store = sabotaged(log.store, (command) => (dead ? 'die' : WRITES.has(command) ? met() : 'go-on'));
  const { objects } = log.bucket;
  const fated = async (act: () => Promise<void>) => {
    const chosen = met();
    if (chosen === 'die') throw new Error('died');
    await act();
    if (chosen === 'lose-answer') throw new Error('answer lost');
  };
  const mortal: ArchiveObjects = {
    read: (...args) => (dead ? Promise.reject(new Error('died')) : objects.read(...args)),
    write: (...args) => fated(() => objects.write(...args)),
    remove: (...args) => fated(() => objects.remove(...args)),
  };
  return { store, objects: mortal, died: () => dead };
}
