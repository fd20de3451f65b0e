import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogVerifier } from '../../client/src/logs/verify.ts';
import { canonicalLine, NO_LINES_HASH } from '../../shared/domain/log-proof.ts';
import { chainHash, hex } from '../../shared/store/log-hash.ts';
import { line } from '../support/fake-slipway.ts';

/** The end as the service writes it, by the service's own code. */
function endOf(messages: readonly string[]) {
  const lines = messages.map((message, i) => ({
    ...line(i + 1, message),
    at: Date.parse('2026-01-01T00:00:00.000Z'),
  }));
  return { lines: messages.length, hash: hex(chainHash(NO_LINES_HASH, lines)) };
}

describe('the verifier', () => {
  it('agrees with the hash chain of the service, whatever the lines hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), async (messages) => {
        const verifier = new LogVerifier();
        for (const [i, message] of messages.entries()) await verifier.add(line(i + 1, message));
        expect(verifier.agrees(endOf(messages))).toBe(true);
      }),
    );
  });

  it('notices a changed line', async () => {
    const verifier = new LogVerifier();
    await verifier.add(line(1, 'one'));
    await verifier.add(line(2, 'tw0'));
    expect(verifier.agrees(endOf(['one', 'two']))).toBe(false);
  });

  it('notices a line that is missing at the end', async () => {
    const verifier = new LogVerifier();
    await verifier.add(line(1, 'one'));
    expect(verifier.agrees(endOf(['one', 'two']))).toBe(false);
  });

  it('goes on over a purged line by the digest that it was left with, and counts it', async () => {
    const digest = createHash('sha256')
      .update(canonicalLine(line(2, 'the password is hunter2')))
      .digest('hex');
    const verifier = new LogVerifier();
    await verifier.add(line(1, 'one'));
    await verifier.add({ ...line(2, '[purged]'), digest });
    await verifier.add(line(3, 'three'));
    expect(verifier.agrees(endOf(['one', 'the password is hunter2', 'three']))).toBe(true);
    expect(verifier.purged).toBe(1);
  });

  it('notices a purged line that never stood there', async () => {
    const verifier = new LogVerifier();
    await verifier.add({ ...line(1, '[purged]'), digest: 'a'.repeat(64) });
    expect(verifier.agrees(endOf(['one']))).toBe(false);
  });

  it('refuses a line out of order', async () => {
    await expect(new LogVerifier().add(line(2, 'two'))).rejects.toThrow(/Line 1 is missing/);
  });
});
