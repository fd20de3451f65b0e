import { isCommitId } from '../domain/git-ref.ts';

/** What a remote says about one name. */
export interface RemoteRef {
  /** Object the name points at; for an annotated tag the tag object. */
  readonly id: string;
  /** For an annotated tag the object at its end, a commit as a rule. */
  readonly peeled?: string | undefined;
  /** For a symbolic ref such as HEAD the full name it stands for, where the server tells. */
  readonly target?: string | undefined;
}

/** Refs by full name (`refs/heads/main`, `HEAD`). */
export type RemoteRefs = ReadonlyMap<string, RemoteRef>;

/** Reads the answer to `ls-refs` of version 2, `<id> <name>[ symref-target:<name>][ peeled:<id>]`; null if out of form. */
export function readListedRefs(lines: readonly string[]): RemoteRefs | null {
  const refs = new Map<string, RemoteRef>();
  for (const line of lines) {
    const [id, name, ...attributes] = line.split(' ');
    const attribute = (key: string) => attributes.find((text) => text.startsWith(key))?.slice(key.length);
    const peeled = attribute('peeled:');
    if (!isId(id) || name === undefined || !isIdOrAbsent(peeled)) return null;
    refs.set(name, { id, peeled, target: attribute('symref-target:') });
  }
  return refs;
}

/**
 * Reads the greeting of versions 0 and 1, which is the whole list: `<id> <name>`, capabilities behind a NUL
 * of the first line, `<name>^{}` after an annotated tag; null if out of form.
 */
export function readAdvertisedRefs(lines: readonly string[]): RemoteRefs | null {
  const refs = new Map<string, RemoteRef>();
  const [first = '', ...rest] = lines[0] === 'version 1' ? lines.slice(1) : lines;
  const [firstRef = '', capabilities = ''] = first.split('\0');
  const headTarget = /(?:^| )symref=HEAD:(\S+)/.exec(capabilities)?.[1];
  for (const line of firstRef === '' ? rest : [firstRef, ...rest]) {
    const [id, name] = line.split(' ');
    if (name === 'capabilities^{}' || id === 'shallow') continue;
    if (!isId(id) || name === undefined) return null;
    const tag = name.endsWith('^{}') ? name.slice(0, -'^{}'.length) : undefined;
    const tagged = tag === undefined ? undefined : refs.get(tag);
    if (tag === undefined) refs.set(name, { id, target: name === 'HEAD' ? headTarget : undefined });
    else if (tagged === undefined) return null;
    else refs.set(tag, { ...tagged, peeled: id });
  }
  return refs;
}

function isId(text: string | undefined): text is string {
  return text !== undefined && isCommitId(text);
}

function isIdOrAbsent(text: string | undefined): boolean {
  return text === undefined || isCommitId(text);
}
