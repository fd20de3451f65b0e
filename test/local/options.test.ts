import { expect, test } from 'vitest';
import { readOptions } from '../../local/options.ts';

const nothing = { exit: false, port: undefined, fresh: false, help: false };

const accepted: [string[], object][] = [
  [[], nothing],
  [['--exit'], { ...nothing, exit: true }],
  [['--fresh', '--port', '4566'], { ...nothing, fresh: true, port: 4566 }],
  [['--port=1'], { ...nothing, port: 1 }],
  [['-h'], { ...nothing, help: true }],
];

test.each(accepted)('%j is understood', (args, options) => {
  expect(readOptions(args, undefined)).toEqual(options);
});

const refused: [string[], string][] = [
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port'], "Option '--port <value>' argument missing"],
  [['--port', '0'], '--port takes a number from 1 to 65535, not "0".'],
  [['--port', '65536'], 'not "65536"'],
  [['--port', '80x'], 'not "80x"'],
  [['--exit=yes'], "'--exit' does not take an argument"],
  [['site'], "Unexpected argument 'site'"],
];

test.each(refused)('%j is wrong usage: %s', (args, sentence) => {
  expect(() => readOptions(args, undefined)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(sentence) }),
  );
});

test('a port for an emulator that somebody else runs is refused', () => {
  expect(() => readOptions(['--port', '4566'], 'http://127.0.0.1:4566')).toThrow('AWS_ENDPOINT_URL');
  expect(readOptions([], 'http://127.0.0.1:4566')).toEqual(nothing);
});
