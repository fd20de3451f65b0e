import { ValidationFailed } from '../../shared/errors/requests.ts';
import { CONTINUATION } from '../../shared/store/continuations.ts';

/** What a client has seen of a deployment: as Last-Event-ID it goes on there, with log and status both. */
export interface Seen {
  readonly line: number;
  readonly revision: number;
}

export interface EventId extends Seen {
  /** The event was the last one: nothing follows. */
  readonly ended?: boolean | undefined;
  /** Lets whoever came by a ticket go on. */
  readonly continuation?: string | undefined;
}

const FORM = new RegExp(`^(\\d{1,9})\\.(\\d{1,9})(?:\\.(?:(end)|(${CONTINUATION})))?$`);

/** `<line>.<revision>`, then `.end` or a continuation. */
export function eventIdText({ line, revision, ended, continuation }: EventId): string {
  if (ended === true) return `${line}.${revision}.end`;
  return continuation === undefined ? `${line}.${revision}` : `${line}.${revision}.${continuation}`;
}

/** @throws ValidationFailed for what is no id of an event of ours: to begin somewhere would be a guess. */
export function eventIdOf(text: string): EventId {
  const [, line, revision, end, continuation] = FORM.exec(text) ?? [];
  if (line === undefined || revision === undefined) {
    const message = 'is not the id of an event of this service';
    throw new ValidationFailed([{ field: '/Last-Event-ID', message, code: 'INVALID_VALUE' }], {
      suggestion: 'Send the id of the last event as it came, or none, to begin with the first line.',
    });
  }
  return { line: Number(line), revision: Number(revision), ended: end !== undefined, continuation };
}
