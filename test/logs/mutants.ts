import type { Mutant } from '../faults/mutants.ts';

/** Bugs that a run has to catch, planted in the source as it is loaded. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a-gap-is-taken-for-nothing',
    patches: [
      {
        file: 'client/src/realtime/cursor.ts',
        find: 'if (first > this.#at + 1) {',
        put: 'if (first < 0) {',
      },
      {
        file: 'client/src/realtime/cursor.ts',
        find: 'this.#filtered || fresh.length === last - this.#at',
        put: 'true',
      },
    ],
  },
  {
    name: 'repeats-are-given-again',
    patches: [
      {
        file: 'client/src/realtime/cursor.ts',
        find: 'const fresh = lines.filter(({ n }) => n > this.#at);',
        put: 'const fresh = lines;',
      },
      {
        file: 'client/src/realtime/cursor.ts',
        find: 'this.#filtered || fresh.length === last - this.#at',
        put: 'true',
      },
    ],
  },
  {
    name: 'half-a-socket-lives-for-ever',
    patches: [{ file: 'client/src/realtime/socket.ts', find: "if (due === 'dead') close();", put: '' }],
  },
  {
    name: 'chunks-are-put-over-others',
    patches: [
      {
        file: 'shared/store/log-ends.ts',
        find: "await putItem(ctx, item, MUST_NOT_EXIST, 'live');",
        put: "await putItem(ctx, item, { expression: 'attribute_exists(pk) OR attribute_not_exists(pk)' }, 'live');",
      },
    ],
  },
  {
    name: 'tokens-are-not-masked',
    patches: [
      {
        file: 'functions/ingest/lines.ts',
        find: "message: oneLine(shown[i] ?? ''),",
        put: 'message: line.message,',
      },
    ],
  },
];
