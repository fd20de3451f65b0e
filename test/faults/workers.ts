import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Answer, Ask } from './worker.ts';

const REPLACE = new URL('../lifecycle/cloud/replace.ts', import.meta.url).href;

export interface WorkersSettings {
  readonly entry: URL;
  /** Path of the emitted stack. */
  readonly stack: string;
  /** Bugs to plant (lifecycle/cloud/replace.ts). */
  readonly planted?: string;
}

type Question = Omit<Ask, 'id'>;

/** As many worker processes as there are processors; asks each one thing at a time. */
export class Workers {
  readonly #settings: WorkersSettings;
  readonly #children: ChildProcess[] = [];
  #asked = 0;

  constructor(settings: WorkersSettings) {
    this.#settings = settings;
  }

  /** Asks everything, hears each answer as it comes; `enough` ends it early. */
  async ask<Q extends Question>(
    questions: readonly Q[],
    hear: (question: Q, answer: Answer) => void,
    enough: () => boolean = () => false,
  ): Promise<void> {
    const queue = questions.values();
    const count = Math.min(Math.max(1, availableParallelism()), questions.length);
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        for (const question of queue) {
          if (enough()) return;
          const child = this.#children[i] ?? (await this.#start(i));
          hear(question, await this.#one(child, question, i));
        }
      }),
    );
  }

  stop(): void {
    for (const child of this.#children) child?.kill('SIGKILL');
    this.#children.length = 0;
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
    return child;
  }

  #one(child: ChildProcess, question: Question, place: number): Promise<Answer> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      const died = (code: number | null) => {
        delete this.#children[place];
        const broken = `The worker died (exit ${code}).`;
        resolve({ id, reached: false, violations: [], sites: [], broken });
      };
      child.once('exit', died);
      child.once('message', (answer: Answer) => {
        child.off('exit', died);
        resolve(answer);
      });
      child.send({ id, ...question });
    });
  }
}
