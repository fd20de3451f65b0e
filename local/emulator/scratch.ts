import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in which the emulator unpacks and runs Lambdas. It lies outside of the checkout, where Node would find
 * this repository's node_modules above a bundle, and so hide that something was left out of it, and this
 * repository's package.json, which would make the emulator's CommonJS worker an ES module and end it at once.
 * The temporary folder's own parents could do the latter too, so it has a package.json of its own.
 */
export async function makeScratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-emulator-'));
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return folder;
}

/** Removes one of this or an earlier run. */
export async function removeScratch(folder: string | undefined): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
