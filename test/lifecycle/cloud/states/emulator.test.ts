import { buffer } from 'node:stream/consumers';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { emulatorClient } from '../../../support/aws.ts';
import { listen, type TestServer } from '../../../support/http-server.ts';
import { CASES, type Case, FUNCTION, type Said } from './cases.ts';

const ROLE = 'arn:aws:iam::000000000000:role/states';
/** A busy machine; no case lasts longer than some seconds of its own. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 300;

/** Asks the test what to do, so that a case's script is the same here and in the harness. */
const sourceFor = (host: string) => `
exports.handler = async (event) => {
  const answer = await fetch('http://${host}/' + event.case, { method: 'POST', body: JSON.stringify(event.payload) });
  const { fails, returns, ms } = await answer.json();
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
  if (fails) throw Object.assign(new Error('as the script says'), { name: fails });
  return returns;
};`;

const payloads = new Map<string, unknown[]>();
let server: TestServer;
let states: SFNClient;

beforeAll(async () => {
  states = new SFNClient(emulatorClient());
  server = await listen(async (request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1));
    const payload: unknown = JSON.parse((await buffer(request)).toString());
    const called = payloads.get(name) ?? [];
    payloads.set(name, [...called, payload]);
    const script = CASES.find((one) => one.name === name)?.script ?? [];
    const said = script[Math.min(called.length, script.length - 1)];
    response.end(JSON.stringify(await answerTo(said, payload)));
  });
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(sourceFor(server.host)), 'index.js');
  zip.end();
  await new LambdaClient(emulatorClient()).send(
    new CreateFunctionCommand({
      FunctionName: 'scripted',
      Role: ROLE,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 60,
      Code: { ZipFile: await buffer(zip.outputStream) },
    }),
  );
});

afterAll(() => server[Symbol.asyncDispose]());

/** What the function is to do; a token is answered here, before the function returns. */
async function answerTo(said: Said | undefined, payload: unknown): Promise<object> {
  if (said === undefined) return { fails: 'NothingIsSaidOfThisCall' };
  if (said === 'goes on') return { ms: 8000 };
  if (!('answers' in said)) return said;
  const { token: taskToken } = payload as { token: string };
  const { answers } = said;
  if ('output' in answers)
    await states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answers.output) }));
  else await states.send(new SendTaskFailureCommand({ taskToken, error: answers.error, cause: 'scripted' }));
  return {};
}

/** The same machine, whose payloads carry the case that they are of. */
const definitionOf = ({ name, definition }: Case): string =>
  JSON.stringify(definition, (key, value: unknown) => {
    if (key !== 'Parameters' || (value as { FunctionName?: string }).FunctionName !== FUNCTION) return value;
    const { Payload, 'Payload.$': whole } = value as { Payload?: unknown; 'Payload.$'?: string };
    const payload = whole === undefined ? { payload: Payload } : { 'payload.$': whole };
    return { FunctionName: 'scripted', Payload: { case: encodeURIComponent(name), ...payload } };
  });

const known = CASES.filter(({ notOnTheEmulator }) => notOnTheEmulator === undefined);

test.concurrent.each(known)(
  'on the emulator too: $name',
  async (one) => {
    const index = CASES.indexOf(one);
    const { stateMachineArn } = await states.send(
      new CreateStateMachineCommand({ name: `case-${index}`, roleArn: ROLE, definition: definitionOf(one) }),
    );
    const { executionArn } = await states.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(one.input ?? {}) }),
    );
    const ended = await endOf(executionArn ?? '');
    const { entered, payloads: wanted, calls, output, ...outcome } = one.expected;
    expect(ended).toMatchObject(outcome);
    if (output !== undefined) expect(JSON.parse(ended.output ?? '')).toEqual(output);
    const { events = [] } = await states.send(new GetExecutionHistoryCommand({ executionArn }));
    const path = events.flatMap(({ stateEnteredEventDetails: state }) => (state ? [state.name] : []));
    if (entered !== undefined) expect(path).toEqual(entered);
    const called = payloads.get(one.name) ?? [];
    if (wanted !== undefined) expect(called).toEqual(wanted);
    if (calls !== undefined) expect(called).toHaveLength(calls);
  },
  PATIENCE_MS,
);

async function endOf(executionArn: string) {
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const { status, error, output } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status, error, output };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`${executionArn} has not ended.`);
}

test('what the emulator is known to do otherwise is said with the reason', () => {
  const others = CASES.filter(({ notOnTheEmulator }) => notOnTheEmulator !== undefined);
  expect(others.length).toBeGreaterThan(0);
  expect(others.length).toBeLessThan(CASES.length / 4);
});
