import { gzipSync } from 'node:zlib';
import { browserBundle } from '../support/browser-bundle.ts';
import { atMost, type Figure } from './figure.ts';

/** What a page that starts a deployment and follows it has to load of the SDK, with all that it needs besides. */
const PROGRAM = `
  import { LogVerifier, Slipway, unwrap } from '@slipway/client';
  export async function deploy(url, token, request) {
    const { deployments, projects } = new Slipway({ url, token });
    const { id } = unwrap(await deployments.start(request));
    const stop = [deployments.watch(id, console.log), projects.watch(request.projectId, console.log)];
    const verifier = new LogVerifier();
    for await (const line of deployments.logs(id)) await verifier.add(line);
    for (const unsubscribe of stop) unsubscribe();
    return unwrap(await deployments.waitFor(id));
  }
`;
/** KB (1,000 bytes) of gzip, of what a browser gets. */
const MOST_KB = 15;

export async function run(): Promise<Figure[]> {
  const code = await browserBundle(PROGRAM, { minify: true });
  const kilobytes = gzipSync(code, { level: 9 }).length / 1000;
  return [atMost('SDK in a browser, everything counted, gzip', kilobytes, MOST_KB, 'KB')];
}
