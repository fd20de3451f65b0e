import { createHash } from 'node:crypto';
import { constants, createReadStream, createWriteStream, openSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { OutputFile } from './output-files.ts';

/** A zip on disk. */
export interface Artifact {
  /** SHA-256 of the zip, hex. */
  readonly digest: string;
  readonly size: number;
  readonly files: number;
}

/** The first moment a zip can name, in local time since that is what its format holds: the same bytes in every zone. */
const FIXED_TIME = new Date(1980, 0, 1);
const FILE_MODE = 0o100644;
const PROGRAM_MODE = 0o100755;

/**
 * Writes a zip that depends on nothing but the files' paths, bytes and executable bits.
 * @throws StageFailed (INVALID_CONFIG) where it gets larger than `maxBytes`
 */
export async function writeArtifact(
  files: readonly OutputFile[],
  target: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Artifact> {
  const zip = new yazl.ZipFile();
  const failed = new AbortController();
  // A file that cannot be read is reported here, and the stream would go on waiting for it.
  zip.on('error', (cause) => failed.abort(cause));
  for (const file of files) add(zip, file);
  zip.end();
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) return done(tooLarge(maxBytes));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const stop = AbortSignal.any([signal, failed.signal]);
  try {
    await pipeline(zip.outputStream, measure, createWriteStream(target, { mode: 0o600 }), { signal: stop });
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  }
  return { digest: hash.digest('hex'), size, files: files.length };
}

function add(zip: yazl.ZipFile, file: OutputFile): void {
  const options = {
    size: file.size,
    mtime: FIXED_TIME,
    mode: file.executable ? PROGRAM_MODE : FILE_MODE,
    forceDosTimestamp: true,
    compress: true,
  };
  zip.addReadStreamLazy(file.path, options, (done) => {
    try {
      const fd = openSync(file.source, constants.O_RDONLY | constants.O_NOFOLLOW);
      const stream = createReadStream(file.source, { fd });
      stream.once('error', (error) => zip.emit('error', error));
      done(null, stream);
    } catch (error) {
      zip.emit('error', error);
    }
  });
}

function tooLarge(maxBytes: number): StageFailed {
  return new StageFailed('INVALID_CONFIG', `The artifact is larger than ${maxBytes} bytes.`, {
    suggestion: 'Leave source maps, videos and other large files out of the build’s output.',
  });
}
