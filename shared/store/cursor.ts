import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { ValidationFailed } from '../errors/requests.ts';
import type { StoreContext } from './context.ts';
import type { Item } from './engine.ts';

/**
 * Where a list goes on, sealed for one view: AES-256-GCM hides the keys inside (they may name what the caller
 * cannot see) and binds them to who asked for which list with which filters.
 */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const sealingKey = (ctx: StoreContext) => createHash('sha256').update(ctx.cursorKey).digest();

/** @param view who asks for which list with which filters; `viewOf` makes it. */
export function sealCursor(ctx: StoreContext, view: string, position: Item): string {
  const nonce = Buffer.from(ctx.random.secret(NONCE_BYTES), 'base64url');
  const cipher = createCipheriv('aes-256-gcm', sealingKey(ctx), nonce).setAAD(Buffer.from(view));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(position), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws ValidationFailed for a cursor that was changed, or was made for another caller, list or filter. */
export function openCursor(ctx: StoreContext, view: string, cursor: string): Item {
  try {
    const bytes = Buffer.from(cursor, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(ctx), nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(view))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    // Only sealCursor writes what passes the tag.
    return JSON.parse(text.toString('utf8')) as Item;
  } catch (error) {
    throw new ValidationFailed(
      [{ field: '/cursor', message: 'does not belong to this list', code: 'INVALID_CURSOR' }],
      { cause: error, suggestion: 'Start the list again without a cursor.' },
    );
  }
}

/** What a cursor is bound to. The order of the filters does not matter; the page size is not part of it. */
export function viewOf(
  subject: string,
  list: string,
  filters: Readonly<Record<string, string | undefined>>,
): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return JSON.stringify([subject, list, given.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
