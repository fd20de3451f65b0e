import WebSocket from 'ws';
import { FELL_BEHIND } from '../../shared/contracts/frame-codes.ts';
import { serverFrame } from '../../shared/contracts/realtime.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import type { Journal } from '../journal.ts';
import { backoffMs } from './backoff.ts';
import { isRefusal } from './refusals.ts';

export interface RunnerSocketOptions {
  /** Asked for before each connection: an upgrade of the service may have moved it. */
  readonly address: () => Promise<string>;
  readonly token: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Work may be waiting. Also called after every (re)connection, since frames may have been missed. */
  readonly onOffer: (label: string | undefined) => void;
  /** The job may have been canceled. */
  readonly onCancel: (jobKey: string) => void;
  /** The service does not let this token in any more. */
  readonly onRefused: () => void;
  /** Between two pings, ms; also the longest time to connect. Default 60 s. */
  readonly pingMs?: number;
}

/** API Gateway hangs up after 10 silent minutes. */
const PING_MS = 60_000;
const CONNECT_MS = 15_000;
const LONGEST_WAIT_MS = 30_000;
/** A connection that lasted this long was a good one: the next failure counts as the first. */
const STEADY_MS = 30_000;

/** Keeps one subscription to the topic `runner` open until the signal fires. Frames are hints, never orders. */
export async function keepSubscribed(options: RunnerSocketOptions): Promise<void> {
  const { clock, random, journal, signal } = options;
  for (let failures = 1; !signal.aborted; failures += 1) {
    const startedAt = clock.now();
    const reason = await connectOnce(options);
    if (signal.aborted) return;
    if (clock.now() - startedAt > STEADY_MS) failures = 1;
    const waitMs = backoffMs(failures, random.unit(), LONGEST_WAIT_MS);
    journal.warn('socket lost', { reason, againInMs: waitMs });
    await clock.sleep(waitMs, signal).catch(() => {});
  }
}

async function connectOnce(options: RunnerSocketOptions): Promise<string> {
  try {
    return await stayConnected(options, await options.address());
  } catch (error) {
    if (isRefusal(error)) options.onRefused();
    return error instanceof Error ? error.message : String(error);
  }
}

/** One connection from its start to its end. @returns why it ended, for the journal */
function stayConnected(options: RunnerSocketOptions, url: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const pingMs = options.pingMs ?? PING_MS;
  const socket = new WebSocket(url, {
    headers: { authorization: `Bearer ${options.token}` },
    handshakeTimeout: CONNECT_MS,
    followRedirects: false,
  });
  let heard = true;
  const send = (frame: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const pinger = setInterval(() => {
    if (!heard && socket.readyState === WebSocket.OPEN) socket.terminate();
    heard = false;
    send({ action: 'ping' });
  }, pingMs);
  const leave = () => socket.terminate();
  options.signal.addEventListener('abort', leave, { once: true });
  socket.on('open', () => send({ action: 'subscribe', topic: 'runner' }));
  socket.on('message', (data) => {
    heard = true;
    if (hear(options, String(data)) === 'deaf') socket.terminate();
  });
  socket.on('unexpected-response', (_, { statusCode }) => {
    if (statusCode === 401 || statusCode === 403) options.onRefused();
    socket.terminate();
    resolve(`refused with ${statusCode}`);
  });
  socket.on('error', (error) => resolve(error.message));
  socket.on('close', (code) => {
    clearInterval(pinger);
    options.signal.removeEventListener('abort', leave);
    resolve(`closed with ${code}`);
  });
  return promise;
}

/** Not known any more, or no longer posted to since it was too slow. */
const DEAF: ReadonlySet<string> = new Set(['UNAUTHENTICATED', FELL_BEHIND]);

/** @returns `deaf` where nothing more will come to this socket: it would wait in vain */
function hear(options: RunnerSocketOptions, text: string): 'deaf' | undefined {
  const frame = serverFrame.safeParse(parse(text));
  if (!frame.success) return undefined;
  switch (frame.data.type) {
    case 'subscribed':
      options.journal.info('socket subscribed');
      options.onOffer(undefined);
      break;
    case 'job':
      if (frame.data.data.event === 'cancel') options.onCancel(frame.data.data.jobKey);
      else options.onOffer(frame.data.data.label);
      break;
    case 'error':
      options.journal.warn('the service refused a frame', { code: frame.data.data.code });
      return DEAF.has(frame.data.data.code) ? 'deaf' : undefined;
    case 'pong':
      return frame.data.data.heads.some(({ topic }) => topic === 'runner') ? undefined : 'deaf';
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
