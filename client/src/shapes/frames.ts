import type { ServerFrame, TopicHead } from '../../../shared/contracts/realtime.ts';
import { type Check, flag, list, maybe, num, shape, text } from '../shape.ts';
import { logLine } from './logs.ts';

type DataOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>['data'];
export type StatusUpdate = DataOf<'status'>;

export const statusUpdate = shape<StatusUpdate>({
  deploymentId: text(),
  status: text(),
  releaseState: text(),
  stage: text(),
  progress: num(),
  message: maybe(text()),
  url: maybe(text()),
  errorCode: maybe(text()),
  errorMessage: maybe(text()),
  revision: num(),
});

/** What the frames carry that a viewer hears, by type; `job` frames are for runners. */
const DATA: { readonly [T in Exclude<ServerFrame['type'], 'job'>]: Check<DataOf<T>> } = {
  subscribed: shape<DataOf<'subscribed'>>({ head: num(), flushMs: num() }),
  status: statusUpdate,
  log: shape<DataOf<'log'>>({
    deploymentId: text(),
    first: num(),
    last: num(),
    lines: list(logLine),
    omitted: maybe(list<number[]>(num())),
  }),
  error: shape<DataOf<'error'>>({ message: text(), code: text() }),
  end: shape<DataOf<'end'>>({ lines: num(), hash: text(), status: text() }),
  pong: shape<DataOf<'pong'>>({
    heads: list(shape<TopicHead>({ topic: text(), head: num(), ended: flag() })),
  }),
};

/** Of a frame only these members are read; what a newer service may send besides says nothing to this client. */
export type Frame = {
  [T in keyof typeof DATA]: { readonly type: T; readonly topic: string; readonly data: DataOf<T> };
}[keyof typeof DATA];

/** Reads a frame; undefined for what is none, or is of a type that this client has no use for. */
export function frameOf(received: unknown): Frame | undefined {
  if (typeof received !== 'string') return undefined;
  try {
    const frame: Partial<Frame> | null = JSON.parse(received);
    const check = Object.entries(DATA).find(([type]) => type === frame?.type)?.[1];
    // Its type says which data it has, and the data was checked for it.
    return check?.(frame?.data) === undefined && check !== undefined ? (frame as Frame) : undefined;
  } catch {
    return undefined;
  }
}
