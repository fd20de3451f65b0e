import { readFile } from 'node:fs/promises';
import { foldersOf } from '../../local/emulator/settings.ts';

/** Every call that the emulator of this folder refused under IAM enforcement, also where its caller took no notice. */
export async function refusalsIn(dir: string): Promise<string[]> {
  const log = await readFile(foldersOf(dir).log, 'utf8');
  return log.match(/IAM refused .*/g) ?? [];
}
