import type { Timeline } from '../lifecycle/cloud/timeline.ts';
import type { Canaries } from './canaries.ts';
import { numbered } from './check.ts';
import type { Service } from './service.ts';

export interface Job {
  readonly deploymentId: string;
  readonly jobKey: string;
  readonly token: string;
  /** Stands at the beginning of each of its lines. */
  readonly producer: string;
}

/** Lines of a batch at the most, and how long they gather, between half of it and all (ms). */
const BATCH = 80;
const FLUSH_MS = 600;
/** Of the lines of each producer, these are warnings. */
export const isWarning = (k: number): boolean => k % 9 === 0;
/** After an answer that did not come (ms). */
const AGAIN_MS = 400;

const WORDS =
  'compiling resolving src/index.ts dist/app.js ok warning: unused chunk 12.4 kB gzip in 38 ms'.split(' ');

/** The k-th line as a build prints it: not random, but no two alike. */
function textOf(k: number): string {
  const words = Array.from({ length: 6 }, (_, i) => WORDS[(k * 7 + i * (1 + (k % 5))) % WORDS.length]);
  return `${words.join(' ')} ${(k * 2_654_435_761) % 4_294_967_296}`;
}

/** A runner that posts its lines batch by batch, and each batch until it is acknowledged. Notes what the log has to have. */
export async function produce(
  service: Service,
  timeline: Timeline,
  canaries: Canaries,
  { job, lines, truth }: { readonly job: Job; readonly lines: number; readonly truth: string[] },
): Promise<void> {
  const { chance } = service;
  const sent = Array.from({ length: lines }, (_, k) =>
    canaries.posted(numbered(job.producer, k, textOf(k)), k),
  );
  truth.push(...sent.map(canaries.stored));
  for (let offset = 0; offset < lines; ) {
    await timeline.pass(chance.between(FLUSH_MS / 2, FLUSH_MS));
    const batch = sent.slice(offset, offset + chance.between(1, BATCH));
    const at = timeline.now;
    const body = {
      offset,
      lines: batch.map((message, i) => ({
        at,
        level: isWarning(offset + i) ? 'warn' : 'info',
        step: 'build',
        message,
      })),
    };
    const post = () => acknowledged(service, job, body);
    // Sent again although the first is still on its way: both may arrive, in whatever order.
    const twice = chance.happens(0.04);
    const answers = await Promise.all(twice ? [post(), post()] : [post()]);
    const next = Math.max(...answers.map((answer) => answer ?? -1));
    if (next >= 0) offset = next;
    else await timeline.pass(AGAIN_MS);
  }
}

/** The offset at which it goes on; undefined where no answer came that says so. */
async function acknowledged(service: Service, job: Job, body: object): Promise<number | undefined> {
  try {
    const { status, body: answer } = await service.post(job.jobKey, body, job.token);
    if (!service.calm && service.chance.happens(0.02)) return undefined;
    // What an acknowledged post answers is PostAnswer.
    return status === 200 ? (answer as unknown as { readonly nextOffset: number }).nextOffset : undefined;
  } catch {
    return undefined;
  }
}
