import { expect, onTestFinished, test, vi } from 'vitest';
import { parseOptions, WrongUsage } from '../../runner/options.ts';

const url = ['--url', 'https://api.example.com'];

test.each([
  [['agent'], '--url is missing'],
  [['agent', ...url], '--token is missing'],
  [['once', ...url], '--job-key is missing'],
  [['once', ...url, '--job-key', 'x'], '--ticket is missing'],
  [['dance', ...url], 'agent or once'],
  [['agent', 'now', ...url], '"now" is one word too many'],
  [['agent', ...url, '--token', 't', '--allow-schemes', 'http,ext'], '"ext" is none of'],
  [['agent', ...url, '--token', 't', '--parallel', '0'], '--parallel must be'],
  [['agent', ...url, '--token', 't', '--look-every', 'often'], '--look-every must be'],
  [['agent', '--unknown'], '--unknown'],
])('%j is refused: %s', async (args, message) => {
  const failed = parseOptions(args);
  await expect(failed).rejects.toBeInstanceOf(WrongUsage);
  await expect(failed).rejects.toThrow(message);
});

test('https and ssh are always allowed, others where they are named', async () => {
  const options = await parseOptions(['agent', ...url, '--token', 't', '--allow-schemes', 'git,file']);
  expect(options).toMatchObject({
    mode: 'agent',
    token: 't',
    settings: { schemes: ['https', 'ssh', 'git', 'file'], passedEnvironment: {} },
  });
});

test('a runner in CodeBuild, which is told of no schemes, knows https and ssh', async () => {
  const options = await parseOptions(['once', ...url, '--job-key', 'x', '--ticket', 't']);
  expect(options).toMatchObject({ settings: { schemes: ['https', 'ssh'] } });
});

test('passes on the named variables of the machine that exist, and no others', async () => {
  const options = await parseOptions([
    'agent',
    ...url,
    '--token',
    't',
    '--pass-env',
    'PATH,NO_SUCH_VARIABLE',
  ]);
  expect(options).toMatchObject({ settings: { passedEnvironment: { PATH: process.env['PATH'] } } });
});

test('in CodeBuild its project says which variables builds get', async () => {
  vi.stubEnv('SLIPWAY_PASS_ENV', 'GIT_SSL_CAINFO,NO_SUCH_VARIABLE');
  vi.stubEnv('GIT_SSL_CAINFO', '/etc/our-ca.pem');
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = await parseOptions(['once', ...url, '--job-key', 'x', '--ticket', 't']);
  expect(options).toMatchObject({ settings: { passedEnvironment: { GIT_SSL_CAINFO: '/etc/our-ca.pem' } } });
});

if (process.getuid?.() === 0)
  test('builds of one user are not run side by side', async () => {
    const args = ['agent', ...url, '--token', 't', '--build-user', 'nobody', '--parallel', '2'];
    await expect(parseOptions(args)).rejects.toThrow('do not go together');
  });

test('one job gets a folder that no other runner uses', async () => {
  const options = await parseOptions(['once', ...url, '--job-key', 'x', '--ticket', 't']);
  const agent = await parseOptions(['agent', ...url, '--token', 't']);
  const folderOf = (parsed: typeof options) => (parsed.mode === 'help' ? '' : parsed.settings.workDir);
  expect(folderOf(options)).not.toBe(folderOf(agent));
});

test('builds find the programs of the machine, not those of the project that started the runner', async () => {
  vi.stubEnv('PATH', '/repo/node_modules/.bin:/usr/lib/npm/lib/node-gyp-bin:/usr/local/bin:/usr/bin');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await parseOptions(['agent', ...url, '--token', 't'])).toMatchObject({
    settings: { path: '/usr/local/bin:/usr/bin' },
  });
});
