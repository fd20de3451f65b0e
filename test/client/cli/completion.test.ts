import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stripped } from '../../../client/src/cli/visible.ts';
import { commandLine } from '../../support/command-line.ts';
import { inTerminal } from '../../support/terminal.ts';

vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'slipway-completion-'));
const script = (shell: string) => join(folder, `slipway.${shell}`);
const isThere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out, err } = await commandLine(['completion', shell]);
    expect(code, err).toBe(0);
    writeFileSync(script(shell), out);
  }
  mkdirSync(join(folder, 'site', 'public'), { recursive: true });
  writeFileSync(join(folder, 'site', 'page.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What each shell offers for the last word of a line. */
const offered = {
  bash: async (line: string) => {
    const words = line.split(' ').map((word) => JSON.stringify(word));
    const program = `source ${script('bash')}; COMP_WORDS=(${words.join(' ')})
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _slipway; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', program], { cwd: join(folder, 'site') });
    return stdout.split('\n').filter(Boolean);
  },
  fish: async (line: string) => {
    const program = `source ${script('fish')}; complete -C ${JSON.stringify(line)}`;
    const env = { ...process.env, HOME: folder };
    const { stdout } = await run('fish', ['--no-config', '-c', program], { cwd: join(folder, 'site'), env });
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((text) => text.split('\t', 1)[0] ?? '');
  },
  // Its completion works at a prompt only: the keys are pressed, and the line is read that it makes of them.
  zsh: async (line: string) => {
    const shell = inTerminal(['zsh', '-f', '-i'], {
      ...{ columns: 100, env: { HOME: folder }, cwd: join(folder, 'site') },
    });
    try {
      // It turns this on when it reads keys.
      await shell.printed('[?2004h');
      const load = `autoload -U compinit; compinit -D -u; source ${script('zsh')}; PS1='ready> '`;
      shell.type(`${load}\r`);
      await shell.printed('ready> \u001b');
      const before = shell.output().length;
      shell.type(`${line}\t`);
      const made = () => stripped(shell.output().slice(before)).trim();
      await vi.waitFor(() => expect(made().length).toBeGreaterThan(line.length + 1), { timeout: 20_000 });
      return made().split(' ').slice(-1);
    } finally {
      shell.kill();
    }
  },
} as const;

describe.each([['bash'], ['fish'], ['zsh']] as const)('completion in %s', (shell) => {
  test.skipIf(!isThere(shell)).each([
    ['slipway en', ['envs']],
    ['slipway envs relea', ['release-slot']],
    ['slipway logs --sou', ['--source']],
    ['slipway logs --level w', ['warn']],
    ['slipway envs create --project list --ty', ['--type']],
    ['slipway completion z', ['zsh']],
    ['slipway deploy --dir p', ['public/']],
  ])('of "%s" is %j', async (line, words) => {
    const found = await offered[shell](line);
    expect(found.map((word) => (word === 'public' ? 'public/' : word))).toEqual(words);
  });
});

test('every command and option that the help shows is offered', async () => {
  const { out } = await commandLine(['--help']);
  const commands = [...out.matchAll(/^ {2}([a-z][a-z-]+)\b.*? {2}/gm)].map(([, name]) => name);
  expect(commands.length).toBeGreaterThan(20);
  const known = await offered.bash('slipway ');
  expect(known).toEqual(expect.arrayContaining(commands.filter((name) => name !== 'help')));
});

test('a shell that is not known is refused with those that are', async () => {
  const { code, err } = await commandLine(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(err).toContain('Allowed choices are bash, zsh, fish.');
});
