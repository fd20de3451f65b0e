import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type CustomAction,
  customAnswers,
  customProblem,
  customRequest,
} from '../../../../shared/contracts/custom-target.ts';

const page = readFileSync(new URL('../../../../docs/targets/custom.md', import.meta.url), 'utf8');
const actions = Object.keys(customAnswers);

/** The JSON blocks of one kind with the word after it. */
function examples(kind: string): readonly { readonly of: string; readonly json: unknown }[] {
  return [...page.matchAll(/^```json (\w+) ?(\w*)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === kind)
    .map(([, , of = '', text = '']) => ({ of, json: JSON.parse(text) }));
}

const isAction = (text: string): text is CustomAction => actions.includes(text);

describe('docs/targets/custom.md', () => {
  test('shows a request for every action, and the schema takes each as it stands', () => {
    const requests = examples('request').map(({ json }) => customRequest.parse(json));
    expect(requests.map(({ action }) => action).sort()).toEqual([...actions].sort());
    expect(requests).toEqual(examples('request').map(({ json }) => json));
  });

  test('shows an answer for every action, with no key that the schema does not know', () => {
    const answers = examples('answer');
    expect(answers.map(({ of }) => of).sort()).toEqual([...actions].sort());
    for (const { of, json } of answers) {
      if (!isAction(of)) throw new Error(`${of} is no action`);
      expect(customAnswers[of].parse(json)).toEqual(json);
    }
  });

  test('shows a refusal in the form that is read, and names every code', () => {
    for (const { json } of examples('problem')) expect(customProblem.parse(json)).toEqual(json);
    expect(examples('problem')).toHaveLength(1);
    const codes = customProblem.shape.error.shape.code.options;
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  test('an action, or a key, that is not in the contract is refused', () => {
    const [{ json } = { json: {} }] = examples('request');
    const known = customRequest.parse(json);
    expect(customRequest.safeParse({ ...known, action: 'explode' }).success).toBe(false);
    expect(customRequest.safeParse({ ...known, extra: 1 }).success).toBe(false);
    expect(customRequest.safeParse({ ...known, contract: 2 }).success).toBe(false);
  });
});
