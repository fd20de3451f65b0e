import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * Size of an item as DynamoDB counts it (developer guide, "DynamoDB item sizes and formats"): names and strings in
 * UTF-8, a number by its digits, three bytes and one an element for what holds others.
 */
export function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

/** A write costs a unit for each begun kilobyte. */
export const writeUnits = (item: Readonly<Record<string, AttributeValue>>) =>
  Math.ceil(itemBytes(item) / 1024);

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.SS !== undefined) return value.SS.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (value.L !== undefined) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  if (value.M !== undefined) return Object.keys(value.M).length + 3 + itemBytes(value.M);
  return 1;
}

/** Two digits a byte, one byte more, and one for a minus sign. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/^-/, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}
