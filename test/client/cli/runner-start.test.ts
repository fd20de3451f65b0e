import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ran } from '../../support/command-line.ts';

/** A service that hands out this program as its runner. */
async function serviceWith(program: string): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/v1/runner/program' ? 200 : 404;
    response.end(program);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // A TCP server's address is never a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const start = (env: Record<string, string>, ...args: readonly string[]) =>
  ran(['runner', 'start', ...args], { NO_COLOR: '1', ...env });

const SHOW =
  'console.log(process.argv.slice(2).join(" "), process.env.SLIPWAY_RUNNER_TOKEN, process.env.SLIPWAY_TOKEN)';

describe('slipway runner start', () => {
  it('needs an address and a runner token, and no token of a person', async () => {
    const url = await serviceWith(SHOW);
    const { code, out } = await start(
      { SLIPWAY_URL: `${url}/`, SLIPWAY_RUNNER_TOKEN: 'r' },
      '--',
      '--label',
      'mac',
    );
    expect([code, out.trim()]).toEqual([0, `agent --url ${url} --label mac r undefined`]);
  });

  it('takes the address from its option first, and keeps the token of a person to itself', async () => {
    const url = await serviceWith(SHOW);
    const env = { SLIPWAY_URL: 'http://127.0.0.1:1', SLIPWAY_TOKEN: 'person', SLIPWAY_RUNNER_TOKEN: 'r' };
    const { code, out } = await start(env, '--url', url);
    expect([code, out.trim()]).toEqual([0, `agent --url ${url} r undefined`]);
  });

  it('ends with 3 where the agent says that its token is refused, else with 1', async () => {
    const env = { SLIPWAY_URL: await serviceWith('process.exitCode = 3'), SLIPWAY_RUNNER_TOKEN: 'r' };
    expect(await start(env)).toMatchObject({ code: 3, err: expect.stringContaining('refuses its token') });
    const broken = { ...env, SLIPWAY_URL: await serviceWith('process.exitCode = 1') };
    expect(await start(broken)).toMatchObject({ code: 1 });
  });

  it('ends with 2 without a runner token, and with 6 where nobody hands out the program', async () => {
    expect((await start({ SLIPWAY_URL: 'http://127.0.0.1:1' })).code).toBe(2);
    const env = { SLIPWAY_URL: 'http://127.0.0.1:1', SLIPWAY_RUNNER_TOKEN: 'r' };
    expect((await start(env)).code).toBe(6);
  });
});
