import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { LogVerifier } from '../../client/src/logs/verify.ts';
import { unwrap } from '../../client/src/result.ts';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import { slipway } from '../support/cli.ts';
import { heldBuild } from '../support/held-build.ts';
import { projectOf, sdk, uniqueName, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const LINES = 20_000;
/** The build waits here until one viewer is dead. */
const HALF = LINES / 2;

/** Lines with all that a build prints: colours, other alphabets, long ones, blanks at their ends, a secret. */
const BUILD = `
const secret = process.env.THE_SECRET;
const [from, to] = process.argv.slice(2).map(Number);
for (let n = from; n <= to; n += 1) {
  const what = n % 997 === 0 ? 'x'.repeat(3000) : n % 500 === 0 ? 'with ' + secret : ['plain', '\\u001b[32mgreen\\u001b[0m', 'größer ☃ 😀', '{"json": "' + n + '"}  '][n % 4];
  process.stdout.write(n + ' ' + what + '\\n');
}
`;

/** A folder that a build may write to, whoever it runs as. */
function commonFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-copy-'));
  chmodSync(folder, 0o777);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A viewer in a process of its own; what it printed, in whole lines. */
function viewer(id: string, after: number) {
  const { url, token } = inject('stack');
  const program = join(import.meta.dirname, '../support/log-viewer.ts');
  const child = spawn(process.execPath, [program, url, token, id, String(after)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: LogLineView[] = [];
  let rest = '';
  let reached = () => {};
  child.stdout.setEncoding('utf8').on('data', (part) => {
    const whole = (rest + part).split('\n');
    rest = whole.pop() ?? '';
    // The viewer printed them.
    for (const text of whole) lines.push(JSON.parse(text) as LogLineView);
    reached();
  });
  const ended = once(child, 'close');
  return {
    lines,
    ended,
    has: (count: number) =>
      new Promise<void>((resolve, reject) => {
        reached = () => lines.length >= count && resolve();
        reached();
        void ended.then(() => reject(new Error(`The viewer ended with ${lines.length} lines.`)));
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function proven(lines: readonly LogLineView[], end: { lines: number; hash: string }): Promise<boolean> {
  const verifier = new LogVerifier();
  for (const line of lines) await verifier.add(line);
  return verifier.agrees(end);
}

it('twenty thousand lines of a build come to who watches, who is killed in between and who comes later, byte for byte', async () => {
  const copy = join(commonFolder(), 'copy.log');
  const secret = uniqueName('The-Secret');
  const repository = siteRepository();
  repository.commit({ 'print.mjs': BUILD, 'public/index.html': '<h1>lines</h1>' });
  await using build = await heldBuild();
  const print = (from: number, to: number) => `node print.mjs ${from} ${to}`;
  const { project, environment } = await projectOf(repository.url, {
    build: {
      buildCommand: `(${print(1, HALF)}; ${build.wait} >&2; ${print(HALF + 1, LINES)}) | tee ${copy}`,
      outputDirectory: 'public',
    },
  });
  const { deployments, environments } = sdk();
  const sensitive = { value: secret, sensitive: true, use: 'build' } as const;
  unwrap(await environments.setVariable(project.id, environment.name, 'THE_SECRET', sensitive));
  const { id } = unwrap(await deployments.start({ projectId: project.id, environment: environment.name }));

  const always = viewer(id, 0);
  const killed = viewer(id, 0);
  await build.reached;
  await killed.has(HALF / 2);
  await killed.kill();
  build.release();
  const resumed = viewer(id, killed.lines.at(-1)?.n ?? 0);
  const ended = unwrap(await deployments.waitFor(id));
  expect(ended.error).toBeUndefined();
  await Promise.all([always.ended, resumed.ended]);
  const offline = await wholeLog(id);

  const { end } = unwrap(await deployments.logPage(id, { tail: 1 }));
  if (end === undefined) throw new Error('The log has no end.');
  // The runner's own copy of what the build wrote into its pipe, with the secret masked.
  const expected = readFileSync(copy, 'utf8').replaceAll(secret, '***');
  expect(expected.split('\n')).toHaveLength(LINES + 1);
  expect(expected).toContain('with ***');
  for (const seen of [always.lines, [...killed.lines, ...resumed.lines], offline]) {
    expect(seen.map(({ n }) => n)).toEqual(Array.from({ length: end.lines }, (_, i) => i + 1));
    const printed = seen.filter(({ message, step }) => step === 'build' && /^\d+ /.test(message));
    const text = printed.map(({ message }) => `${message}\n`).join('');
    expect(Buffer.from(text).equals(Buffer.from(expected))).toBe(true);
    expect(await proven(seen, end)).toBe(true);
  }
  expect(killed.lines.length).toBeLessThan(LINES);

  const verified = await slipway('logs', '--verify', id);
  expect(verified.out, verified.err).toBe(`Complete: ${end.lines} lines, hash ${end.hash}.\n`);
  const found = await slipway('logs', id, '--grep', 'WITH ***', '--tail', '3');
  expect(found.out.split('\n').map((line) => line.split(/\s+/).slice(1).join(' '))).toEqual([
    ...['19000', '19500', '20000'].map((n) => `${n} with ***`),
    '',
  ]);
});
