// Not out of realtime.ts: who only sends frames need not load the schemas that read them.
import { MAX_FRAME_BYTES, MAX_POST_BYTES } from '../contracts/frame-sizes.ts';
import type { LogLineView } from '../contracts/logs.ts';
import type { ServerFrame } from '../contracts/realtime.ts';
import type { LogLine } from '../domain/log.ts';
import type { Deployment } from '../domain/records.ts';
import { isoTime } from './clock.ts';

/** A line as the API, the sockets and the archive show it. */
export const lineView = (line: LogLine): LogLineView => ({
  n: line.n,
  at: isoTime(line.at),
  level: line.level,
  step: line.step,
  source: line.source,
  message: line.message,
  ...(line.digest === undefined ? {} : { digest: line.digest }),
});

export const deploymentTopic = (deploymentId: string) => `deployment:${deploymentId}`;
/** The deployment whose log the topic shows; undefined for topics without one. */
export const deploymentOf = (topic: string) =>
  topic.startsWith(deploymentTopic('')) ? topic.slice(deploymentTopic('').length) : undefined;
export const projectTopic = (projectId: string) => `project:${projectId}`;
export const RUNNER_TOPIC = 'runner';

/** `seq`: number of the first line for `log`, the record's revision for `status`, else 0. */
export function frameText<T extends ServerFrame['type']>(
  type: T,
  topic: string,
  data: Extract<ServerFrame, { type: T }>['data'],
  now: number,
  seq = 0,
): string {
  return JSON.stringify({ type, timestamp: isoTime(now), topic, seq, data });
}

/** What a `status` frame says of a deployment. */
export function statusOf(deployment: Deployment): Extract<ServerFrame, { type: 'status' }>['data'] {
  const error = 'error' in deployment ? deployment.error : deployment.failure;
  return {
    deploymentId: deployment.id,
    status: deployment.status,
    releaseState: deployment.releaseState,
    stage: deployment.stage,
    progress: deployment.progress,
    message: deployment.note,
    url: deployment.url,
    errorCode: error?.code,
    errorMessage: error?.message,
    revision: deployment.revision,
  };
}

export const statusFrame = (topic: string, deployment: Deployment, now: number): string =>
  frameText('status', topic, statusOf(deployment), now, deployment.revision);

/** Which lines the frames have to speak for. Those of them that are not in `lines` did not pass the filter. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Room for everything in a log frame that is not a line. */
const ENVELOPE_BYTES = 400;

/**
 * Log frames for the lines, each within the limit. A line longer than that goes alone; one that could not be
 * posted at all is named in `omitted`.
 */
export const logFrames = (
  deploymentId: string,
  lines: readonly LogLine[],
  range: LineRange,
  now: number,
): string[] => framesOfLines(deploymentId, lines, range, now).map(({ text }) => text);

/** The same, each with the last line that it speaks for. */
export function framesOfLines(
  deploymentId: string,
  lines: readonly LogLine[],
  range: LineRange,
  now: number,
): { readonly text: string; readonly last: number }[] {
  const parts = partsOf(lines);
  const topic = deploymentTopic(deploymentId);
  return parts.map((part, i) => {
    const first = i === 0 ? range.first : part.first;
    const next = parts[i + 1];
    const last = next === undefined ? range.last : next.first - 1;
    const omitted = part.omitted.length === 0 ? {} : { omitted: part.omitted };
    const text = frameText('log', topic, { deploymentId, first, last, ...omitted, lines: [] }, now, first);
    // The lines are text already, since their size was looked at: made once, not twice.
    return { text: `${text.slice(0, -NO_LINES.length)}[${part.lines.join(',')}]}}`, last };
  });
}

/** How a log frame without lines ends. */
const NO_LINES = '[]}}';

interface FramePart {
  readonly first: number;
  /** As JSON. */
  readonly lines: string[];
  readonly omitted: number[];
}

function partsOf(lines: readonly LogLine[]): FramePart[] {
  const parts: FramePart[] = [];
  let room = 0;
  for (const line of lines) {
    const view = JSON.stringify(lineView(line));
    const size = Buffer.byteLength(view) + 1;
    let part = parts.at(-1);
    if (part === undefined || size > room) {
      part = { first: line.n, lines: [], omitted: [] };
      parts.push(part);
      room = MAX_FRAME_BYTES - ENVELOPE_BYTES;
    }
    if (size > MAX_POST_BYTES - ENVELOPE_BYTES) part.omitted.push(line.n);
    else part.lines.push(view);
    room -= size;
  }
  return parts.length === 0 ? [{ first: 0, lines: [], omitted: [] }] : parts;
}
