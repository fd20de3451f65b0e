import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { ARTIFACT_LIMITS } from '../../../shared/contracts/versions.ts';
import { usage } from './exit.ts';

/** Fixed, so that the same folder gives the same zip and the same digest: the earliest time a zip can hold (which is local time). */
const WHEN = new Date(1980, 0, 1);
const MODE = 0o100644;

/** Zips a folder: sorted, without times or modes. Links that lead out of the folder are refused. */
export async function zipFolder(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const root = await realpath(folder).catch(() => {
    throw usage(`There is no folder ${folder}.`);
  });
  const files = await filesBelow(root, root, '');
  if (files.length === 0) throw usage(`The folder ${folder} holds no file.`);
  if (files.length > ARTIFACT_LIMITS.files)
    throw usage(
      `The folder ${folder} holds ${files.length} files; at most ${ARTIFACT_LIMITS.files} can be deployed.`,
    );
  const zip = new ZipFile();
  for (const { path, from } of files) {
    zip.addBuffer(await readFile(from), path, { mtime: WHEN, mode: MODE, forceDosTimestamp: true });
  }
  zip.end();
  return new Uint8Array(await buffer(zip.outputStream));
}

interface Found {
  readonly path: string;
  readonly from: string;
}

/** `.git` is never part of what is served. */
const LEFT_OUT = new Set(['.git']);

async function filesBelow(root: string, folder: string, prefix: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (LEFT_OUT.has(name)) continue;
    const from = await realpath(join(folder, name));
    const path = `${prefix}${name}`;
    if (from !== root && !from.startsWith(root + sep))
      throw usage(`${path} leads out of the folder. Replace the link with the file it names.`);
    const stat = await lstat(from);
    if (stat.isDirectory()) {
      if (join(folder, name) !== from)
        throw usage(`${path} is a link to a folder. Replace it with the folder itself.`);
      found.push(...(await filesBelow(root, from, `${path}/`)));
    } else if (stat.isFile()) found.push({ path, from });
    else throw usage(`${path} is neither a file nor a folder.`);
  }
  return found;
}
