import type { LogEnd } from '../domain/log.ts';
import { ArchiveGone } from '../errors/logs.ts';
import { type ArchiveIndex, type ArchiveObjects, type Member, unpack } from './log-archive-form.ts';
import { readIndex } from './log-archive-index.ts';
import { archiveKey } from './log-archive-keys.ts';
import type { LogArchive } from './log-read.ts';
import type { LogSegment, LogSegments } from './log-segments.ts';

/** The archive as a source of lines: the one that was written after so many purges. */
export function logArchive(objects: ArchiveObjects, after = 0): LogArchive {
  return {
    open: async (deploymentId) => {
      const index = await readIndex(objects, deploymentId, after);
      if (index === undefined) return undefined;
      return new ArchiveSegments(objects, archiveKey(deploymentId, after), index);
    },
  };
}

class ArchiveSegments implements LogSegments {
  readonly #objects: ArchiveObjects;
  readonly #key: string;
  readonly #index: ArchiveIndex;

  constructor(objects: ArchiveObjects, key: string, index: ArchiveIndex) {
    this.#objects = objects;
    this.#key = key;
    this.#index = index;
  }

  end(): LogEnd {
    return { lines: this.#index.lines, hash: this.#index.hash };
  }

  async *ascending(line: number): AsyncGenerator<LogSegment> {
    for (const member of this.#index.members)
      if (member.first + member.count > line) yield this.#segment(member);
  }

  async *descending(line: number): AsyncGenerator<LogSegment> {
    for (const member of this.#index.members.toReversed())
      if (member.first <= line) yield this.#segment(member);
  }

  #segment(member: Member): LogSegment {
    return {
      ...member,
      read: async () => {
        const range = { from: member.from, to: member.from + member.size - 1 };
        const bytes = await this.#objects.read(this.#key, range);
        if (bytes === undefined) throw new ArchiveGone(`The archive ${this.#key} is not there.`);
        return unpack(bytes);
      },
    };
  }
}
