import { createHash } from 'node:crypto';
import { maskLine, prepareValues } from '../../shared/masking/masker.ts';

/** What stands in place of what nobody may see. */
const HIDDEN = '***';

/** Secrets of a run: one that the runner knows of and masks, and one that only its form gives away. */
export class Canaries {
  /** Texts that may be in no sink. */
  readonly marks: readonly string[];
  readonly #declared: string;
  readonly #token: string;
  readonly #values: ReturnType<typeof prepareValues>;

  constructor(seed: number) {
    const digits = createHash('sha256').update(`canary of ${seed}`).digest('hex');
    // Longer by a third in base64 without a rest, so that its base64 is the same wherever it begins at a multiple of 3.
    this.#declared = `canary/${digits.slice(0, 26)}`;
    this.#token = `ghp_${digits.slice(26, 62)}`;
    this.#values = prepareValues([this.#declared]);
    this.marks = [
      this.#declared,
      base64(this.#declared),
      Buffer.from(this.#declared).toString('hex'),
      encodeURIComponent(this.#declared),
      this.#token,
    ];
  }

  /** What a build prints for its k-th line, as the runner posts it: what it knows of is masked there. */
  posted(text: string, k: number): string {
    const forms = [this.#declared, base64(`usr${this.#declared}`), ...this.marks.slice(2)];
    const form = k % 41 === 0 ? forms[(k / 41) % forms.length] : undefined;
    if (form === undefined) return text;
    return maskLine(this.#values, `${text} with ${form} in it`);
  }

  /** The same as the log has it. */
  stored = (posted: string): string => posted.replace(this.#token, HIDDEN);

  /** Is any of it in there? */
  isIn = (text: string): boolean => this.marks.some((mark) => text.includes(mark));
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
