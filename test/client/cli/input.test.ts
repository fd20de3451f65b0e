import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Input, readValue } from '../../../client/src/cli/input.ts';

/** A terminal or a pipe, with what it was told about showing keys. */
function input(isTTY: boolean) {
  const raw: boolean[] = [];
  const stream = new PassThrough();
  const made = Object.assign(stream, {
    isTTY,
    setRawMode: (mode: boolean) => {
      raw.push(mode);
      return made;
    },
    // Of a socket only the few members that Input names are used.
  }) as unknown as PassThrough & Input;
  return { stream: made, raw };
}

const never = new AbortController().signal;

describe('a value from standard input', () => {
  it('is all that a pipe brings, without the line feed at its end', async () => {
    const { stream } = input(false);
    stream.end('first\nsecond\n');
    expect(await readValue(stream, () => {}, never)).toBe('first\nsecond');
  });

  it('is one line that a person types, who is asked for it and does not see it', async () => {
    const { stream, raw } = input(true);
    let asked = 0;
    const value = readValue(stream, () => (asked += 1), never);
    for (const key of ['s', 'e', 'x', '\u007f', 'c', '\r']) stream.write(key);
    expect(await value).toBe('sec');
    expect(asked).toBe(1);
    expect(raw).toEqual([true, false]);
  });

  it('is refused where a paste has several lines, of which only the first would be kept', async () => {
    const { stream } = input(true);
    const value = readValue(stream, () => {}, never);
    stream.write('-----BEGIN KEY-----\rabc\r');
    await expect(value).rejects.toThrow(/from a file/);
  });

  it('ends with Ctrl-C at a terminal, and shows keys again', async () => {
    const { stream, raw } = input(true);
    const value = readValue(stream, () => {}, never);
    stream.write('abc\u0003');
    await expect(value).rejects.toMatchObject({ exitCode: 4 });
    expect(raw).toEqual([true, false]);
  });

  it('ends where a pipe that brings nothing is interrupted', async () => {
    const { stream } = input(false);
    const stop = new AbortController();
    const value = readValue(stream, () => {}, stop.signal);
    stop.abort();
    await expect(value).rejects.toMatchObject({ exitCode: 4 });
  });
});
