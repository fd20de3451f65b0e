import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { foldersOf } from './settings.ts';

/** The part of the saved state of Lambda that says how far each consumer of a table's stream has read. */
const saved = z.looseObject({
  payload: z.looseObject({
    dynamodb_stream_positions: z.looseObject({ data: z.record(z.string(), z.number()) }),
  }),
});

/**
 * Lets stream consumers begin anew after a restart. ministack 1.5.33 keeps how many records a consumer has read,
 * but neither the records nor their count, so a consumer that had read 70 would see nothing until 70 more were
 * written. Records that weren't read before the stop are gone either way; the service's sweep replays what they
 * would have told.
 */
export async function rewindStreams(dir: string): Promise<void> {
  const file = join(foldersOf(dir).state, 'lambda.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const state = saved.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!state.success) return;
  const { data } = state.data.payload.dynamodb_stream_positions;
  for (const consumer of Object.keys(data)) data[consumer] = 0;
  await writeFile(`${file}.part`, JSON.stringify(state.data));
  await rename(`${file}.part`, file);
}
