import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Workers } from './workers.ts';

/** Says that it is ready; what it does with a question is given. */
function workers(onQuestion: string, patienceMs: number): Workers {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-workers-'));
  const file = join(dir, 'worker.mjs');
  writeFileSync(file, `process.on('message', () => { ${onQuestion} });\nprocess.send('ready');\n`);
  const made = new Workers({ entry: pathToFileURL(file), stack: '', patienceMs });
  onTestFinished(() => {
    made.stop();
    rmSync(dir, { recursive: true });
  });
  return made;
}

test('a worker that goes round for ever ends the run, which says over what', async () => {
  const asked = workers('for (;;);', 200).ask([{ seed: 7 }], () => {});
  await expect(asked).rejects.toThrow('A worker gave no answer for 200 ms over {"seed":7}.');
});

test('one that answers in time is heard', async () => {
  const heard: unknown[] = [];
  await workers("process.send('well')", 60_000).ask([{}, {}], (_, answer) => heard.push(answer));
  expect(heard).toEqual(['well', 'well']);
});
