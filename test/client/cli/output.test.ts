import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodeOfStatus, usage } from '../../../client/src/cli/exit.ts';
import { formatLine } from '../../../client/src/cli/live/line.ts';
import { liveView } from '../../../client/src/cli/live/live-view.ts';
import { show } from '../../../client/src/cli/output.ts';
import { stripped } from '../../../client/src/cli/visible.ts';
import { zipFolder } from '../../../client/src/cli/zip.ts';
import { SlipwayFailure } from '../../../client/src/failure.ts';
import { withoutTerminalCodes } from '../../../shared/domain/terminal-codes.ts';
import { line } from '../../support/fake-slipway.ts';

function pipe() {
  let text = '';
  return {
    terminal: {
      json: false,
      interactive: false,
      colors: true,
      columns: 80,
      out: (part: string) => (text += part),
      err: () => {},
    },
    text: () => text,
  };
}

describe('exit codes', () => {
  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['canceled', 4],
    ['timeout', 5],
  ])('a deployment that ended %s gives %i', (status, code) => expect(exitCodeOfStatus(status)).toBe(code));

  it.each([
    [usage('x'), 2],
    [new SlipwayFailure('refused', 'x'), 3],
    [new SlipwayFailure('aborted', 'x'), 4],
    [new SlipwayFailure('unreachable', 'x'), 6],
  ])('%s gives %i', (error, code) => expect(exitCodeOf(error)).toBe(code));
});

describe('log lines on a terminal', () => {
  it.each([
    ['a title', '\u001b]0;owned\u0007text'],
    ['a cursor move', '\u001b[2Jtext'],
    ['a bare escape', '\u001btext'.replace('\u001bt', '\u001b[1mt')],
    ['a bell', '\u0007text'],
    ['an escape of the other set', '\u009btext'],
  ])('do not let %s of a build through to a pipe', (_, message) => expect(stripped(message)).toBe('text'));

  it('read as what a search looks through', () => {
    const message = 'a\u001b=b\u001b[1mc\u001b]8;;https://x\u001b\\d\u001b]0;without an end';
    expect(stripped(message)).toBe('abcd');
    expect(withoutTerminalCodes(message)).toBe('abcd');
  });

  it('that ends before its message does is one line all the same', () => {
    for (const colors of [true, false]) {
      const shown = formatLine({ ...line(1, 'ok\n2026 forged'), step: 'b\nx' }, colors);
      expect(shown).not.toContain('\n');
      expect(stripped(shown)).toContain('ok\u240a2026 forged');
    }
  });

  it('as JSON holds no character that steers a terminal, and is the same line', () => {
    const codes = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('');
    const told = line(1, `\u009b2J${codes}`);
    for (const print of [
      (to: ReturnType<typeof pipe>['terminal']) => liveView({ ...to, json: true }, () => 0).line(told),
      (to: ReturnType<typeof pipe>['terminal']) => show({ ...to, json: true }, told, () => ''),
    ]) {
      const { terminal, text } = pipe();
      print(terminal);
      expect([...text().trimEnd()].filter((one) => one < ' ' || (one >= '\u007f' && one < '\u00a0'))).toEqual(
        [],
      );
      expect(JSON.parse(text())).toMatchObject({ message: told.message });
    }
  });

  it('keep colours and nothing else where colours show', () => {
    const shown = formatLine(line(1, '\u001b[31mred\u001b[0m\u001b[2J\u001b]8;;http://evil\u0007link'), true);
    expect(shown).toContain('\u001b[31mred');
    expect(shown).not.toContain('\u001b[2J');
    expect(shown).not.toContain('evil');
  });

  it('do not let the name of a step steer the terminal either', () => {
    expect(formatLine({ ...line(1, 'x'), step: '\u001b]0;owned\u0007build' }, true)).not.toContain('owned');
  });

  it('nor do other words of the service: messages, names, errors', () => {
    const { terminal, text } = pipe();
    const message = 'by \u001b]52;c;b3duZWQ=\u0007Ada\u001b[2J \u001b[32mgreen\u001b[39m';
    show(terminal, {}, () => message);
    expect(text()).toBe('by Ada \u001b[32mgreen\u001b[39m\u001b[0m\n');
  });

  it('are plain in a pipe, with a line for each change of stage', () => {
    const { terminal, text } = pipe();
    const view = liveView(terminal, () => 0);
    view.line(line(1, 'hello'));
    view.status({
      deploymentId: 'dep_01JD0000000000000000000000',
      status: 'building',
      releaseState: 'none',
      stage: 'build',
      progress: 20,
      revision: 1,
    });
    view.end();
    expect(text()).toBe('build    hello\n== building (build, 20 %)\n');
  });
});

describe('a zipped folder', () => {
  function folderOf(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-zip-'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return folder;
  }

  it('is the same for the same files, whenever and in whatever order they were written', async () => {
    const one = await zipFolder(folderOf({ 'a.txt': 'a', 'b/c.txt': 'c' }));
    const two = await zipFolder(folderOf({ 'b/c.txt': 'c', 'a.txt': 'a' }));
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(true);
  });

  it('never holds the repository itself', async () => {
    const zip = await zipFolder(folderOf({ 'index.html': 'x', '.git/config': 'secret' }));
    expect(Buffer.from(zip).includes('.git/config')).toBe(false);
  });

  it('refuses a link that leads out of the folder', async () => {
    const folder = folderOf({ 'index.html': 'x' });
    symlinkSync('/etc/hostname', join(folder, 'out'));
    await expect(zipFolder(folder)).rejects.toThrow(/leads out/);
  });

  it('refuses a folder that is not there, and one without a file', async () => {
    await expect(zipFolder('/nowhere/at/all')).rejects.toThrow(/no folder/);
    await expect(zipFolder(folderOf({}))).rejects.toThrow(/no file/);
  });
});
