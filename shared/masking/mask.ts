/** What stands in place of a hidden value, whatever its length. */
export const MASK = '***';
