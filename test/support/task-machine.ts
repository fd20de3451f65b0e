import type { Machine } from '../../shared/platform/machine.ts';

/** Answers that an engine took, by token; a token that it does not know is stale, as with Step Functions. */
export interface TaskMachine extends Machine {
  readonly answers: Map<string, { readonly ok: boolean; readonly code?: string; readonly more?: boolean }>;
  waitFor(token: string): void;
}

export function taskMachine(): TaskMachine {
  const waiting = new Set<string>();
  const answers: TaskMachine['answers'] = new Map();
  const take = (token: string, answer: { ok: boolean; code?: string; more?: boolean }) => {
    if (!waiting.delete(token)) return 'stale' as const;
    answers.set(token, answer);
    return 'delivered' as const;
  };
  return {
    answers,
    waitFor: (token) => waiting.add(token),
    start: async () => undefined,
    stop: async () => {},
    state: async () => 'running',
    succeed: async (token, { more } = {}) => take(token, { ok: true, ...(more === true ? { more } : {}) }),
    fail: async (token, code) => take(token, { ok: false, code }),
    heartbeat: async (token) => (waiting.has(token) ? 'delivered' : 'stale'),
  };
}
