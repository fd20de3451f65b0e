import type { Cloud } from './cloud.ts';
import type { Attributes } from './dynamo/evaluate.ts';
import type { Platform } from './platform.ts';
import type { KeptMessage } from './queue.ts';
import type { KeptExecution } from './states/machines.ts';

/** Everything that outlives a function: what AWS and the target know. */
export interface KeptCloud {
  readonly now: number;
  readonly records: readonly Attributes[];
  readonly live: readonly Attributes[];
  readonly objects: readonly (readonly [place: string, body: Uint8Array])[];
  readonly edgeKeys: readonly (readonly [key: string, value: string])[];
  readonly schedules: readonly object[];
  readonly messages: readonly KeptMessage[];
  readonly executions: readonly KeptExecution[];
  readonly platform: ReturnType<Platform['kept']>;
}

export const keepCloud = (cloud: Cloud): KeptCloud => ({
  now: cloud.timeline.now,
  records: [...cloud.records.all()],
  live: [...cloud.live.all()],
  objects: cloud.buckets.all(),
  edgeKeys: cloud.edgeKeys.all(),
  schedules: cloud.schedules.all(),
  messages: cloud.queue.all(),
  executions: cloud.machines.kept(),
  platform: cloud.platform.kept(),
});

/** Puts it all into a cloud in which nothing has happened yet. */
export function loadCloud(cloud: Cloud, kept: KeptCloud): void {
  cloud.records.load(kept.records);
  cloud.live.load(kept.live);
  for (const [place, body] of kept.objects) {
    const [bucket = '', ...key] = place.split('/');
    cloud.buckets.put(bucket, key.join('/'), body);
  }
  cloud.edgeKeys.load(kept.edgeKeys);
  cloud.schedules.load(kept.schedules);
  cloud.queue.load(kept.messages);
  cloud.platform.load(kept.platform);
  for (const execution of kept.executions) cloud.machines.resume(execution);
}

/** As JSON, bytes and all. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key, shown: unknown) {
    // Before a Buffer makes something else of itself.
    const one = this[key];
    return one instanceof Uint8Array ? { $bytes: Buffer.from(one).toString('base64') } : shown;
  });

export const fromJson = (text: string): unknown =>
  JSON.parse(text, (_, one: unknown) =>
    typeof one === 'object' && one !== null && '$bytes' in one
      ? new Uint8Array(Buffer.from(String(one.$bytes), 'base64'))
      : one,
  );
