import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { headingsOf, ROOT } from './pages.ts';

const page = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
const headings = headingsOf(page);

/**
 * Ids of all alarms. Read from the source, since to synthesise takes far longer than all other tests of the
 * documentation; that alarms are made nowhere else is checked beside it.
 */
function alarmIds(): readonly string[] {
  const source = readFileSync(join(ROOT, 'infra/service/alarms.ts'), 'utf8');
  const calls = source.match(/^ {2}alarm\(/gm) ?? [];
  const ids = [...source.matchAll(/^ {2}alarm\(\s*'([A-Za-z]+)'/gm)].map(([, id = '']) => id);
  expect(ids).toHaveLength(calls.length);
  return ids;
}

/** Sections that are named like an alarm: one word with a capital inside. */
const alarmSections = headings.filter((heading) => /^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/.test(heading));

describe('docs/runbook.md', () => {
  test('has a section for each alarm, and no section for an alarm that is not there', () => {
    const ids = alarmIds();
    expect(ids.length).toBeGreaterThan(3);
    expect([...alarmSections].sort()).toEqual([...ids].sort());
  });

  test('knows all alarms, since they are made in one place', () => {
    const makers = readdirSync(join(ROOT, 'infra'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /new (?:\w+\.)?\w*Alarm\(/.test(readFileSync(join(ROOT, 'infra', file), 'utf8')));
    expect(makers).toEqual(['service/alarms.ts']);
  });

  test('says of each alarm what it means, what to look at and what to do', () => {
    for (const id of alarmIds()) {
      const section = page.split(`## ${id}\n`)[1]?.split(/^## /m)[0] ?? '';
      for (const part of ['**Means:**', '**Look at:**', '**Do:**']) expect(section, id).toContain(part);
    }
  });

  test('has a section for what people report without an alarm', () => {
    for (const heading of [
      'A deployment does not move',
      'Logs do not stream',
      'The runner does nothing',
      'Lost admin token',
    ])
      expect(headings).toContain(heading);
  });

  test('names commands of the command line that exist', () => {
    const folder = join(ROOT, 'client/src/cli/commands');
    const source = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const known = [...source.matchAll(/\.command\('([a-z]+)/g)].map(([, name = '']) => name);
    const named = [...page.matchAll(/\bslipway ([a-z]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('names outputs and functions of the stack that exist', () => {
    const stack = readFileSync(join(ROOT, 'infra/service/service-stack.ts'), 'utf8');
    const functions = readFileSync(join(ROOT, 'infra/service/functions.ts'), 'utf8');
    for (const [, name = ''] of page.matchAll(/\$\(output ([A-Za-z]+)\)/g))
      expect(stack).toMatch(new RegExp(`^ +${name}:`, 'm'));
    for (const [, name = ''] of page.matchAll(/`logs ([A-Z][a-z]+)`/g))
      expect(functions).toContain(`SlipwayFunction(scope, '${name}'`);
  });
});
