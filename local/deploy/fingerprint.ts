import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isNodeError } from '../supervise/signals.ts';

/** All that a synth reads: what is not below one of these can't change what is deployed. */
const INPUTS = [
  'infra',
  'functions',
  'shared',
  'runner',
  'client/src',
  'cdk.json',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

/**
 * A digest of everything that decides what the CDK app deploys: its sources, the pinned packages and the settings
 * given to it. The synth itself takes seconds, this takes a few hundredths of one.
 */
export async function fingerprintOf(
  root: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const files = (await Promise.all(INPUTS.map((input) => filesBelow(join(root, input))))).flat().sort();
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(settings).sort()));
  for (const file of files) {
    const content = createHash('sha256').update(await readFile(file));
    hash.update(`\n${relative(root, file)} ${content.digest('hex')}`);
  }
  return hash.digest('hex');
}

/** All files of a folder, or the file itself; none where there is nothing of that name. */
async function filesBelow(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    return isNodeError(error) && error.code === 'ENOTDIR' ? [path] : [];
  }
}
