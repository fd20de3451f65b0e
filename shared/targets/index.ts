import type { TargetKind, TargetSettings } from '../domain/records.ts';
import type { Target } from './target.ts';

/** Makes the adapter of each kind, with all it needs. Called once, at the first deployment to such a target. */
export type TargetMakers = {
  readonly [Kind in TargetKind]: () => Promise<Target<Extract<TargetSettings, { kind: Kind }>>>;
};

/**
 * Adapters by kind. Their code and clients are loaded when they are first asked for, because no call needs more
 * than one of them.
 */
export function targetRegistry(makers: TargetMakers): (kind: TargetKind) => Promise<Target> {
  const made = new Map<TargetKind, Promise<Target>>();
  return (kind) => {
    const known = made.get(kind) ?? make(makers, kind);
    made.set(kind, known);
    // What could not be made is tried again by the next call.
    known.catch(() => made.delete(kind));
    return known;
  };
}

/** An adapter is only ever given the settings of its own kind: both come from one `kind`. */
const make = async (makers: TargetMakers, kind: TargetKind) => (await makers[kind]()) as Target;
