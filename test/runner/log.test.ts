import { expect, test } from 'vitest';
import { failureOf } from '../../runner/failure.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { startWork } from './work/context.ts';

const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
const KEY_LINE = 'MIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyz';

test('what has the form of a secret is neither in the lines nor in those that a failure quotes', async () => {
  await using work = await startWork();
  const { log } = work.context;
  const out = log.command();
  // A key so long that its beginning is none of the lines that are quoted, cut as a pipe cuts it.
  const key = ['-----BEGIN RSA PRIVATE KEY-----', ...Array.from({ length: 30 }, () => KEY_LINE)].join('\n');
  out.stdout(Buffer.from(`${key.slice(0, 700)}`));
  out.stdout(Buffer.from(`${key.slice(700)}\n`));
  out.stderr(Buffer.from(`token ${TOKEN}\n`));
  out.end();
  const quoted = log.tail().join('\n');
  const { message } = failureOf(new StageFailed('BUILD_FAILED', `It exited with 1.\n${quoted}`), log);
  expect(message).toContain('token ***');
  for (const text of [message, (await work.messages()).join('\n')]) {
    expect(text).not.toContain(KEY_LINE);
    expect(text).not.toContain(TOKEN);
  }
});
