import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

const REPLACE = new URL('../lifecycle/cloud/replace.ts', import.meta.url).href;

export interface WorkersSettings {
  /** Says `ready`, then answers each message with one. */
  readonly entry: URL;
  /** Path of the emitted stack. */
  readonly stack: string;
  /** Bugs to plant (lifecycle/cloud/replace.ts). */
  readonly planted?: string;
  /** A worker that answers nothing for so long (ms) is killed: one that never pauses cannot end by itself. */
  readonly patienceMs?: number;
}

/** What was killed in the middle stays in its process for good, so a process is replaced after so many questions. */
const QUESTIONS = 400;

/** As many worker processes as there are processors; asks each one thing at a time. */
export class Workers {
  readonly #settings: WorkersSettings;
  readonly #children: (ChildProcess | undefined)[] = [];

  constructor(settings: WorkersSettings) {
    this.#settings = settings;
  }

  /** Asks everything, hears each answer as it comes; `enough` ends it early. @throws where a worker dies, or hangs */
  async ask<Q extends object, A>(
    questions: readonly Q[],
    hear: (question: Q, answer: A) => void,
    enough: () => boolean = () => false,
  ): Promise<void> {
    const queue = questions.values();
    const count = Math.min(Math.max(1, availableParallelism()), questions.length);
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        let asked = 0;
        for (const question of queue) {
          if (enough()) return;
          if (asked > 0 && asked % QUESTIONS === 0) this.#end(i);
          asked += 1;
          const child = this.#children[i] ?? (await this.#start(i));
          hear(question, await one<A>(child, question, this.#settings.patienceMs));
        }
      }),
    );
  }

  stop(): void {
    for (const place of this.#children.keys()) this.#end(place);
    this.#children.length = 0;
  }

  #end(place: number): void {
    this.#children[place]?.kill('SIGKILL');
    this.#children[place] = undefined;
  }

  async #start(place: number): Promise<ChildProcess> {
    const { entry, stack, planted } = this.#settings;
    const child = fork(entry, [stack], {
      execArgv: ['--import', REPLACE],
      env: { ...process.env, ...(planted === undefined ? {} : { SLIPWAY_PLANTED: planted }) },
    });
    this.#children[place] = child;
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`A worker could not start (exit ${code}).`)));
    });
    child.removeAllListeners('exit');
    return child;
  }
}

function one<A>(child: ChildProcess, question: object, patienceMs: number | undefined): Promise<A> {
  return new Promise((resolve, reject) => {
    const failed = (how: string) => reject(new Error(`A worker ${how} over ${JSON.stringify(question)}.`));
    const died = (code: number | null) => failed(`died (exit ${code})`);
    const hung = () => {
      child.kill('SIGKILL');
      failed(`gave no answer for ${patienceMs} ms`);
    };
    const patience = patienceMs === undefined ? undefined : setTimeout(hung, patienceMs);
    child.once('exit', died);
    child.once('message', (answer) => {
      clearTimeout(patience);
      child.off('exit', died);
      // What a worker answers with is the entry's promise.
      resolve(answer as A);
    });
    child.send(question);
  });
}
