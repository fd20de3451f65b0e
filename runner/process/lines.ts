export { createLineSplitter, type LineSplitter } from '../../shared/domain/log-text.ts';

/** Size in a request body, which is what limits of batches count: UTF-8 with JSON escapes, without the quotes. */
export function encodedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
