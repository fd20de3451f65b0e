import { buffer } from 'node:stream/consumers';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { emulatorClient } from '../../support/aws.ts';

const SOURCE = `
exports.handler = async () => {
  let packages = 'none';
  try { packages = require.resolve('zod'); } catch {}
  return { node: process.version, packages };
};`;

test('a function runs on this Node and finds no packages but those in its bundle', async () => {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(SOURCE), 'index.js');
  zip.end();
  const lambda = new LambdaClient(emulatorClient());
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'probe',
      Role: 'arn:aws:iam::000000000000:role/probe',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: await buffer(zip.outputStream) },
    }),
  );
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'probe' }));
  expect(FunctionError).toBeUndefined();
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({
    node: process.version,
    packages: 'none',
  });
});
