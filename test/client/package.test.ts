import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

// The compiler and the bundler of a whole package, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const ROOT = join(import.meta.dirname, '../..');
const CLIENT = join(ROOT, 'client');
const BIN = join(ROOT, 'node_modules/.bin');
const folder = mkdtempSync(join(tmpdir(), 'slipway-package-'));
const installed = join(folder, 'node_modules/@slipway/client');
const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env['PATH']}` };
const run = promisify(execFile);

/** The package as npm would install it: what `files` names, and the dependency that its types speak of. */
beforeAll(async () => {
  mkdirSync(installed, { recursive: true });
  await run(process.execPath, [join(CLIENT, 'build.ts'), join(installed, 'dist')], { env });
  cpSync(join(CLIENT, 'package.json'), join(installed, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules/zod'), join(folder, 'node_modules/zod'), 'dir');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says about a program that uses the package, at its strictest and without any types of Node. */
async function compiled(program: string): Promise<string> {
  writeFileSync(join(folder, 'program.ts'), program);
  const options = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: [] };
  const compilerOptions = { ...options, target: 'es2023', lib: ['es2023', 'dom'], module: 'nodenext' };
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  return run('tsc', ['-p', folder], { env }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test('the published package types requests, answers, log lines, frames and failures', async () => {
  const said = await compiled(`
    import {
      type DeploymentView, type Problem, type ProjectView, type Result, Slipway, type StartDeployment, unwrap,
    } from '@slipway/client';
    const slipway = new Slipway({ url: 'https://slipway.example', token: 'slp_x' });
    export async function deploy(request: StartDeployment): Promise<string | undefined> {
      const project: Result<ProjectView> = await slipway.projects.get(request.projectId);
      if (!project.ok) {
        const problem: Problem | undefined = project.error.problem;
        return problem?.suggestion;
      }
      const started: DeploymentView = unwrap(await slipway.deployments.start(request));
      for await (const line of slipway.deployments.logs(started.id, { level: 'warn' })) {
        const text: string = line.message; const at: string = line.at; const n: number = line.n;
        void [text, at, n];
      }
      for await (const event of slipway.deployments.events(started.id)) {
        if (event.kind === 'status') { const url: string | undefined = event.status.url; void url; }
      }
      const status: 'succeeded' | 'failed' | string = started.status;
      return status === 'succeeded' ? started.url : started.error?.suggestion;
    }
  `);
  expect(said).toBe('');
});

test.each([
  ['a field that no request has', "slipway.deployments.start({ projectId: 'p', forse: true })"],
  ['a level that no line has', "slipway.deployments.logs('d', { level: 'loud' })"],
  ['a value that may be a failure', "slipway.projects.get('p').then((project) => project.value.name)"],
  [
    'a status that does not exist',
    "slipway.deployments.get('d').then((d) => d.ok && d.value.status === 'done')",
  ],
])('the compiler refuses %s', async (_, expression) => {
  const program = `
    import { Slipway } from '@slipway/client';
    const slipway = new Slipway({ url: 'https://slipway.example', token: 'slp_x' });
    export const wrong = ${expression};
  `;
  expect(await compiled(program)).toMatch(/program\.ts\(4,\d+\): error TS/);
});

test('the published SDK runs in a browser: it names nothing that only Node has', () => {
  const code = readFileSync(join(installed, 'dist/index.js'), 'utf8');
  expect(code).not.toMatch(/["']node:|\bBuffer\b|\bprocess\./);
});
