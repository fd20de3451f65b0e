/**
 * Somebody who watches a log with the SDK, as a program of its own that can be killed: log-viewer.ts URL TOKEN
 * DEPLOYMENT AFTER. Prints a line of JSON for each line of the log.
 */
import { writeSync } from 'node:fs';
import { Slipway } from '../../client/src/slipway.ts';

const [url = '', token = '', id = '', after = '0'] = process.argv.slice(2);
const slipway = new Slipway({ url, token });
for await (const line of slipway.deployments.logs(id, { after: Number(after) }))
  writeSync(1, `${JSON.stringify(line)}\n`);
