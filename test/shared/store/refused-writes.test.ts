import { expect, onTestFinished, test, vi } from 'vitest';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { createLog } from '../../../shared/platform/logger.ts';
import { MUST_NOT_EXIST } from '../../../shared/store/conditions.ts';
import { putItem, transact } from '../../../shared/store/engine.ts';
import { freshStore } from '../../support/store.ts';

const HELD = { pk: 'TOK#1', sk: 'TOK', kind: 'token', hash: 'what-only-the-item-holds' };

/** What the service's own log has of an error. */
function logged(error: unknown): string {
  const written: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  createLog({ service: 'test', level: 'INFO' }).error('Request failed', { error });
  return written.join('');
}

test.each(['of one item', 'of a transaction'])(
  'a refused write %s shows nobody’s item in a log',
  async (kind) => {
    const store = await freshStore();
    await putItem(store, HELD, MUST_NOT_EXIST);
    const again = { ...HELD, hash: 'another' };
    const refused =
      kind === 'of one item'
        ? putItem(store, again, MUST_NOT_EXIST)
        : transact(store, [{ put: again, condition: MUST_NOT_EXIST }]);
    const error = await refused.catch((thrown: unknown) => thrown);
    // Whoever decides what it means has the item still.
    expect(error).toBeInstanceOf(ConditionFailed);
    expect(error).toHaveProperty('items', { 0: HELD });
    const text = logged(error);
    expect(text).toContain('A conditional write found its item changed');
    expect(text).not.toContain(HELD.hash);
  },
);
