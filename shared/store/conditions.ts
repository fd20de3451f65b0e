import type { Condition } from './engine.ts';

/** Conditions that say the same everywhere. Those of one item kind stand beside its functions. */
export const MUST_NOT_EXIST: Condition = { expression: 'attribute_not_exists(pk)' };
/** Conditions are asked of every write; here whatever stands there may go. */
export const WHATEVER_IS_THERE: Condition = {
  expression: 'attribute_exists(pk) OR attribute_not_exists(pk)',
};
export const MUST_EXIST: Condition = { expression: 'attribute_exists(pk)' };

/** The item exists and nobody changed it since it was read. */
export const revisionIs = (revision: number): Condition => ({
  expression: '#revision = :expectedRevision',
  names: { '#revision': 'revision' },
  values: { ':expectedRevision': revision },
});
