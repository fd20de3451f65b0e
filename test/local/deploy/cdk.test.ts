import { expect, test } from 'vitest';
import { CdkFailed, sentenceOf } from '../../../local/deploy/cdk.ts';

const failed = (...log: string[]) => new CdkFailed('deploy', log, '/home/me/.slipway/logs/cdk-deploy.log');

test('the reason that CloudFormation gave is the sentence', () => {
  const reason = 'Records (AWS::DynamoDB::Table): One or more parameter values were invalid.';
  expect(sentenceOf(failed('noise'), reason).message).toBe(
    'cdk deploy failed: Records (AWS::DynamoDB::Table): One or more parameter values were invalid (see /home/me/.slipway/logs/cdk-deploy.log).',
  );
});

test.each([
  [
    '‣ ValidationError: Template format error: Unrecognized resource types: [AWS::Nope::Thing]',
    'ValidationError: Template format error: Unrecognized resource types: [AWS::Nope::Thing]',
  ],
  ["Error: Cannot find module './site.ts'", "Error: Cannot find module './site.ts'"],
  ['❌  Slipway-Service failed: ToolkitError: no bucket', 'Slipway-Service failed: ToolkitError: no bucket'],
  ['«CannotFindAsset» Cannot find asset at /app/dist', 'Cannot find asset at /app/dist'],
])('else the line in which cdk names its error: %s', (line, said) => {
  const { message } = sentenceOf(
    failed('Synthesis ...', line, '    at Object.<anonymous>', 'Node.js v24'),
    undefined,
  );
  expect(message).toBe(`cdk deploy failed: ${said} (see /home/me/.slipway/logs/cdk-deploy.log).`);
});

test('and where there is no such line, the last one', () => {
  expect(sentenceOf(failed('first', 'last'), undefined).message).toContain('cdk deploy failed: last (see');
  expect(sentenceOf(failed(), undefined).message).toContain('cdk deploy failed: it printed nothing (see');
});
