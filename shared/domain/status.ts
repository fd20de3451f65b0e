/** Did the work end? One of two axes; the other is the release state. */
export const OPEN_STATUSES = [
  'scheduled',
  'created',
  'queued',
  'awaiting-approval',
  'held',
  'initializing',
  'building',
  'deploying',
  'verifying',
  'canceling',
] as const;
export const TERMINAL_STATUSES = ['succeeded', 'failed', 'canceled', 'timeout'] as const;
export const STATUSES = [...OPEN_STATUSES, ...TERMINAL_STATUSES] as const;

/** In these nothing runs: somebody or something else is waited for. */
export const WAITING_STATUSES: readonly Status[] = ['scheduled', 'queued', 'awaiting-approval', 'held'];

export type OpenStatus = (typeof OPEN_STATUSES)[number];
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];
export type Status = OpenStatus | TerminalStatus;

/** Is it live? At most one deployment of an environment is `active`. */
export const RELEASE_STATES = ['none', 'active', 'inactive', 'rolled-back'] as const;
export type ReleaseState = (typeof RELEASE_STATES)[number];

/** The parts of a deployment in order; errors name their stage. */
export const STAGES = ['gate', 'build', 'release', 'verify', 'activate'] as const;
export type Stage = (typeof STAGES)[number];

/** Everything that may show as the place where a deployment stands. */
export type StageOrSettle = Stage | 'settle';

const ENDS = TERMINAL_STATUSES;

/**
 * The one transition table. A status may always be followed by itself (progress inside it);
 * a terminal status is followed by nothing.
 */
export const TRANSITIONS: Readonly<Record<Status, readonly Status[]>> = {
  scheduled: [
    'created',
    'queued',
    'awaiting-approval',
    'held',
    'initializing',
    'canceling',
    'failed',
    'canceled',
    'timeout',
  ],
  created: [
    'queued',
    'awaiting-approval',
    'held',
    'initializing',
    'canceling',
    'failed',
    'canceled',
    'timeout',
  ],
  queued: ['awaiting-approval', 'held', 'initializing', 'canceling', 'failed', 'canceled', 'timeout'],
  'awaiting-approval': ['queued', 'held', 'initializing', 'canceling', 'failed', 'canceled', 'timeout'],
  held: ['queued', 'awaiting-approval', 'initializing', 'canceling', 'failed', 'canceled', 'timeout'],
  initializing: ['building', 'deploying', 'canceling', 'failed', 'canceled', 'timeout'],
  building: ['deploying', 'canceling', 'failed', 'canceled', 'timeout'],
  deploying: ['verifying', 'canceling', ...ENDS],
  verifying: ['deploying', 'canceling', 'failed', 'canceled', 'timeout'],
  canceling: ['failed', 'canceled', 'timeout'],
  succeeded: [],
  failed: [],
  canceled: [],
  timeout: [],
};

export function isTerminal(status: Status): status is TerminalStatus {
  return TRANSITIONS[status].length === 0;
}

export function mayFollow(from: Status, to: Status): boolean {
  return TRANSITIONS[from].includes(to) || (from === to && !isTerminal(from));
}
