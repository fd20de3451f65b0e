import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { usage } from './exit.ts';

/** An option that sets one member of a resource. */
export interface Field {
  readonly flags: string;
  readonly description: string;
  /** Where the member stands: `['build', 'outputDirectory']`. */
  readonly path: readonly string[];
  /** What an empty text takes away, where that is more than the member. */
  readonly removes?: readonly string[];
  /** How the text of the option is read; as it is by default. */
  readonly as?: 'number' | 'yes-no' | 'list';
}

type Patch = Record<string, unknown>;

export function addFields(command: Command, fields: readonly Field[]): Command {
  for (const { flags, description } of fields) command.option(flags, description);
  return command;
}

/**
 * The merge patch (RFC 7396) that the given options mean, on top of what a file may have said; an empty text takes
 * the member away.
 */
export function patchOf(
  fields: readonly Field[],
  options: Readonly<Record<string, unknown>>,
  given: Readonly<Patch> = {},
): Patch {
  const patch: Patch = structuredClone(given);
  for (const field of fields) {
    const text = options[attributeOf(field)];
    if (text === '') put(patch, field.removes ?? field.path, null);
    else if (typeof text === 'string') put(patch, field.path, readAs(field, text));
  }
  return patch;
}

/** The name under which commander keeps `--some-flag <value>`. */
const attributeOf = ({ flags }: Field) =>
  flags.replace(/^--(\S+).*$/, '$1').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

function put(patch: Patch, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    patch[name] = value;
    return;
  }
  const there = patch[name];
  // What is no object cannot hold the member, and is replaced.
  const inner = (typeof there === 'object' && there !== null ? there : {}) as Patch;
  patch[name] = inner;
  put(inner, rest, value);
}

function readAs({ flags, as }: Field, text: string): unknown {
  if (as === 'number') {
    if (Number.isFinite(Number(text))) return Number(text);
    throw usage(`${flags.split(' ')[0]} is a number.`);
  }
  if (as === 'list') return text.split(',').map((item) => item.trim());
  if (as === 'yes-no') {
    if (text === 'yes' || text === 'no') return text === 'yes';
    throw usage(`${flags.split(' ')[0]} is yes or no.`);
  }
  return text;
}

/** A JSON object in a file, or from a pipe (`-`); the service checks every field of it. */
export async function objectIn(path: string): Promise<Patch> {
  const text = await (path === '-' ? allOf(process.stdin) : readFile(path, 'utf8')).catch(() => {
    throw usage(`The file ${path} cannot be read.`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usage(`The file ${path} is not JSON.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usage(`The file ${path} holds no JSON object.`);
  return value as Patch;
}

/** What hooks a file names; an empty text takes those of an environment away. */
export const hooksIn = (path: string | undefined): Promise<Patch | null | undefined> =>
  path === undefined ? Promise.resolve(undefined) : path === '' ? Promise.resolve(null) : objectIn(path);

async function allOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
