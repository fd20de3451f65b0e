import type { Problem } from '../../../shared/contracts/problem.ts';
import { flag, type Members, num, shape, text } from '../shape.ts';

/** What this client reads of a refusal; everything else of it is for people. */
const read: Members<Pick<Problem, 'detail' | 'code' | 'status' | 'retryable'>> = {
  detail: text(),
  code: text(),
  status: num(),
  retryable: flag(),
};
const check = shape(read);

export const isProblem = (value: unknown): value is Problem => check(value) === undefined;
