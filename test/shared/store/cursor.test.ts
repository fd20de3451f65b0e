import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ValidationFailed } from '../../../shared/errors/requests.ts';
import { openCursor, sealCursor, viewOf } from '../../../shared/store/cursor.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await freshStore();
});

const position = fc.dictionary(fc.string(), fc.string());

test('a cursor opens to what was sealed, for the same view only', () => {
  fc.assert(
    fc.property(position, fc.string(), fc.string(), (item, view, other) => {
      const cursor = sealCursor(store, view, item);
      expect(openCursor(store, view, cursor)).toEqual(JSON.parse(JSON.stringify(item)));
      if (other !== view) expect(() => openCursor(store, other, cursor)).toThrow(ValidationFailed);
    }),
  );
});

test('a cursor with any bit changed, cut off or made up does not open', () => {
  fc.assert(
    fc.property(position, fc.nat(), fc.nat(7), fc.string(), (item, at, bit, madeUp) => {
      const bytes = Buffer.from(sealCursor(store, 'view', item), 'base64url');
      const cut = bytes.subarray(0, at % bytes.length).toString('base64url');
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
      for (const cursor of [bytes.toString('base64url'), cut, madeUp]) {
        expect(() => openCursor(store, 'view', cursor)).toThrow(ValidationFailed);
      }
    }),
  );
});

test('a cursor does not show the keys inside, nor open with another installation’s key', () => {
  const cursor = sealCursor(store, 'view', { pk: 'PRJ#invisible' });
  expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('invisible');
  expect(() => openCursor({ ...store, cursorKey: 'other' }, 'view', cursor)).toThrow(ValidationFailed);
});

test('the order in which filters are named does not make another view, their values do', () => {
  expect(viewOf('ada', 'list', { a: '1', b: '2' })).toBe(
    viewOf('ada', 'list', { b: '2', a: '1', c: undefined }),
  );
  expect(viewOf('ada', 'list', { a: '1' })).not.toBe(viewOf('ada', 'list', { a: '2' }));
  expect(viewOf('ada', 'list', {})).not.toBe(viewOf('bob', 'list', {}));
});
