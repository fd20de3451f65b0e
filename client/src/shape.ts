/**
 * Says what is wrong with something that came over the wire, as the path to it and what it must be; undefined where
 * nothing is. The type that it speaks of is that of a contract: where a contract changes, its shape here no longer
 * compiles. The schemas themselves stay with the service: they would be most of what a browser has to load.
 *
 * Members that this client does not know are left alone at every depth, and so are words that a newer service may have
 * added to a list of words.
 */
export interface Check<T> {
  (value: unknown): string | undefined;
  /** Only for the compiler: makes a check of one type no check of another, wider or narrower. */
  readonly of?: (value: T) => T;
}

const kind =
  <T>(type: string) =>
  (): Check<T> =>
  (value) =>
    typeof value === type ? undefined : ` must be a ${type}`;

/** A string, or one of a list of words. */
export const text: <T extends string = string>() => Check<T> = kind('string');
export const num = kind<number>('number');
export const flag = kind<boolean>('boolean');

/** Whatever it is: somebody else's data, which nothing here reads. */
export const anything =
  <T>(): Check<T> =>
  () =>
    undefined;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** An object whose members were written by a user and come back as they were. */
export const settings =
  <T extends object>(): Check<T> =>
  (value) =>
    isObject(value) ? undefined : ' must be an object';

export const maybe =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value) =>
    value === undefined ? undefined : check(value);

export const list =
  <A extends readonly unknown[]>(check: Check<A[number]>): Check<A> =>
  (value) =>
    Array.isArray(value) ? first(value.entries(), () => check) : ' must be an array';

/** An object with any names, whose members are all alike. */
export const dict =
  <T extends object>(check: Check<T[keyof T]>): Check<T> =>
  (value) =>
    isObject(value) ? first(Object.entries(value), () => check) : ' must be an object';

/** A check for each member, also of those that may be absent. */
export type Members<T> = { readonly [K in keyof T]-?: Check<T[K]> };

export const shape =
  <T extends object>(members: Members<T>): Check<T> =>
  (value) => {
    if (!isObject(value)) return ' must be an object';
    // The compiler does not see through a mapped type of an open T that every member is a check.
    const checks = members as Readonly<Record<string, AnyCheck>>;
    return first(
      Object.keys(checks).map((name) => [name, value[name]]),
      (name) => checks[name],
    );
  };

type AnyCheck = (value: unknown) => string | undefined;

function first(
  members: Iterable<readonly [string | number, unknown]>,
  checkOf: (name: string | number) => AnyCheck | undefined,
): string | undefined {
  for (const [name, value] of members) {
    const wrong = checkOf(name)?.(value);
    if (wrong !== undefined) return `.${name}${wrong}`;
  }
  return undefined;
}
