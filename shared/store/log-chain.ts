/**
 * The store's face for logs: a deployment's log is a chain of chunks, gap-free by construction (docs/design.md).
 * Reading is log-read.ts, the archive log-archive.ts, what takes lines out again log-purge.ts.
 */
export { type Appended, appendLines } from './log-append.ts';
export type { LogTail } from './log-chunk.ts';
export { endLog } from './log-close.ts';
export { type AppendOptions, lastChunks, readTail } from './log-ends.ts';
