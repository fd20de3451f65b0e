import type { ReadStream } from 'node:tty';
import { CommandEnd, EXIT, usage } from './exit.ts';

/** What a person types a value into, or a pipe that brings one. */
export type Input = Pick<ReadStream, 'isTTY' | 'setRawMode' | 'setEncoding' | 'pause'> &
  AsyncIterable<unknown> &
  NodeJS.EventEmitter;

/**
 * A value that shall not stand in the shell's history. From a pipe it is everything up to the end, without the one
 * line feed that the sender's `echo` adds. Somebody at a terminal is asked for one line, which is not shown.
 */
export async function readValue(input: Input, ask: () => void, signal: AbortSignal): Promise<string> {
  if (input.isTTY) {
    ask();
    return typed(input);
  }
  const stop = () => input.emit('error', new CommandEnd(EXIT.canceled, ''));
  signal.addEventListener('abort', stop, { once: true });
  try {
    let text = '';
    input.setEncoding('utf8');
    for await (const chunk of input) text += String(chunk);
    return text.replace(/\r?\n$/, '');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

const SEVERAL_LINES = 'A value of several lines comes from a file: slipway vars set <key> ... < file.';
const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE = new Set(['\u007f', '\b']);

/** One line, key by key: the terminal neither shows it nor turns Ctrl-C into a signal meanwhile. */
function typed(input: Input): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle: () => void) => {
      input.off('data', take);
      input.setRawMode(false);
      input.pause();
      settle();
    };
    const take = (chunk: unknown) => {
      const keys = String(chunk);
      // Half a key would be kept without a word.
      if (/[\r\n]./s.test(keys.trim())) return end(() => reject(usage(SEVERAL_LINES)));
      for (const key of keys) {
        if (key === CTRL_C) return end(() => reject(new CommandEnd(EXIT.canceled, '')));
        if (ENTER.test(key) || key === CTRL_D) return end(() => resolve(text));
        text = ERASE.has(key) ? [...text].slice(0, -1).join('') : text + key;
      }
    };
    input.setEncoding('utf8');
    input.setRawMode(true);
    input.on('data', take);
  });
}
