/** A bug, planted in the source of one file as it is loaded. */
export interface Mutant {
  readonly name: string;
  readonly patches: readonly { readonly file: string; readonly find: string; readonly put: string }[];
}

export const MUTANTS: readonly Mutant[] = [];
