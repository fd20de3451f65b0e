import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { StartFailure } from '../failure.ts';

/** The stack outputs that npm start works with; infra names them, and a test holds the two together. */
const stackOutputs = z.object({
  ApiUrl: z.url(),
  WebsocketUrl: z.url(),
  RecordsTable: z.string(),
  LiveTable: z.string(),
  ArtifactsBucket: z.string(),
  SitesBucket: z.string(),
  EdgeKeyValueStore: z.string(),
  BootstrapFunction: z.string(),
});

export type StackOutputs = z.infer<typeof stackOutputs>;

/** What `cdk deploy --outputs-file` writes: outputs by stack. */
const outputsFile = z.record(z.string(), z.record(z.string(), z.string()));

export interface Deployed {
  readonly stacks: readonly string[];
  readonly outputs: StackOutputs;
}

/** Reads and checks an outputs file; throws a StartFailure naming the outputs that are missing. */
export async function readOutputs(file: string): Promise<Deployed> {
  const byStack = outputsFile.parse(JSON.parse(await readFile(file, 'utf8')));
  const merged = Object.assign({}, ...Object.values(byStack));
  const parsed = stackOutputs.safeParse(merged);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new StartFailure(
      `The stacks were deployed but don't say ${names}; infra/ and local/deploy/outputs.ts disagree.`,
    );
  }
  return { stacks: Object.keys(byStack), outputs: parsed.data };
}
