import { expect, it } from 'vitest';
import { secretForms } from './secret-forms.ts';
import { placesOf, tracesOf } from './secret-traces.ts';

const SECRET = `Sk-0f3a9c "it's" 77ab12cd <&>/+% 99ee01aa ü😀 5d5d0f3a9c77`;
const traces = tracesOf(SECRET);

it.each(Object.entries(secretForms(SECRET)))('a search for a secret finds it written as %s', (_, form) => {
  const text = `said ${form.replaceAll('\n', '')} and more`;
  for (const shown of [text, JSON.stringify({ text }), JSON.stringify(JSON.stringify({ text }))])
    expect(placesOf(traces, [{ where: 'here', text: shown }])).toEqual(['here']);
});

it('and nothing where there is none', () => {
  const text = 'said *** and more, Sk-no, 77ab12cd, &quot;***&quot;';
  expect(placesOf(traces, [{ where: 'here', text }])).toEqual([]);
});
