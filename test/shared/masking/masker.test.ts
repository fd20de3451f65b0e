import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formsOf } from '../../../shared/masking/forms.ts';
import { type ReaderState, readUnit } from '../../../shared/masking/invisible.ts';
import { createMasker, maskLine, prepareValues } from '../../../shared/masking/masker.ts';

const secret = 'S3cr3t/Value+42?';

function mask(values: readonly string[], text: string): string {
  return maskLine(prepareValues(values), text);
}

/** The text as a terminal shows it, without its line ends. */
function visible(text: string): { readonly text: string; readonly positions: readonly number[] } {
  let state: ReaderState = 'text';
  const positions = Array.from({ length: text.length }, (_, at) => at).filter((at) => {
    const unit = readUnit(state, text.charCodeAt(at));
    state = unit.state;
    return unit.visible;
  });
  return { text: positions.map((at) => text[at]).join(''), positions };
}

describe('a value is masked', () => {
  test.each<[string, string]>([
    ['as it is', secret],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 behind one byte', Buffer.from(`x${secret}y`).toString('base64')],
    ['in base64 behind two bytes', Buffer.from(`xy${secret}yz`).toString('base64')],
    ['in base64 of user and password', Buffer.from(`someone:${secret}`).toString('base64')],
    ['in base64url', Buffer.from(`x${secret}`).toString('base64url')],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in upper-case hex', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in a URL', `https://host/?token=${encodeURIComponent(secret)}&x=1`],
    [
      'in a URL with lower-case escapes',
      encodeURIComponent(secret).replace(/%../g, (triplet) => triplet.toLowerCase()),
    ],
  ])('%s', (_what, text) => {
    const shown = mask([secret], `before ${text} after`);
    expect(shown).toMatch(/^before .*\*\*\*.* after$/);
    expect(formsOf([secret]).filter((form) => shown.includes(form))).toEqual([]);
  });

  const quoted = `it's "quoted" <&> \\ & naïve`;
  test.each<[string, string]>([
    ['in JSON', JSON.stringify({ key: quoted })],
    ['in JSON inside JSON', JSON.stringify(JSON.stringify({ key: quoted }))],
    ['in JSON of ASCII only', `"${JSON.stringify(quoted).slice(1, -1).replace('ï', '\\u00ef')}"`],
    ['in JSON as Go writes it', `"it's \\"quoted\\" \\u003c\\u0026\\u003e \\\\ \\u0026 naïve"`],
    ['in single quotes of a shell', `'${quoted.replaceAll("'", "'\\''")}'`],
    ['in XML', `<a>${quoted.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</a>`],
    ['in an XML attribute', `a="it&apos;s &quot;quoted&quot; &lt;&amp;&gt; \\ &amp; naïve"`],
    ['in an HTML attribute', `a="it&#39;s &quot;quoted&quot; &lt;&amp;&gt; \\ &amp; naïve"`],
    ['as printf %q writes it', `it\\'s\\ \\"quoted\\"\\ \\<\\&\\>\\ \\\\\\ \\&\\ na\\ïve`],
  ])('%s', (_what, text) => {
    expect(mask([quoted], text)).not.toMatch(/quoted|na.*ve/);
  });

  test('once, in the middle of a line', () => {
    expect(mask(['hunter22'], 'the password is hunter22, again hunter22!')).toBe(
      'the password is ***, again ***!',
    );
  });

  test('where values overlap, touch or contain each other', () => {
    expect(mask(['abcdef', 'defghi'], '<abcdefghi>')).toBe('<***>');
    expect(mask(['abcd', 'abcdefgh'], '<abcdefgh> <abcde>')).toBe('<***> <***e>');
    expect(mask(['abcd'], 'abcdabcd')).toBe('***');
  });

  test('with the white space at its ends or without', () => {
    expect(mask(['token-123\n'], 'got token-123 here')).toBe('got *** here');
  });

  test('wrapped over lines, which stay as many as they were', () => {
    const wrapped = secret.replace(/(.{5})/g, '$1\r\n');
    expect(mask([secret], `<${wrapped}>`)).toBe('<***\r\n***\r\n***\r\n***>');
  });

  test('in base64 wrapped at 76 characters', () => {
    const long = 'k'.repeat(31).concat('0123456789'.repeat(20));
    const encoded = Buffer.from(long)
      .toString('base64')
      .replace(/(.{76})/g, '$1\n');
    expect(mask([long], encoded)).toBe('***\n***\n***\n***\n***');
  });

  test('coloured in the middle, and the colours stay', () => {
    expect(mask(['hunter22'], '\u001b[31mhunt\u001b[1;32mer22\u001b[0m!')).toBe(
      '\u001b[31m***\u001b[1;32m\u001b[0m!',
    );
  });

  test('behind an escape that swallows its first letter', () => {
    expect(mask(['hunter22'], '\u001bhunter22')).toBe('\u001b***');
    expect(mask(['hunter22'], '\u001b[hunter22')).toBe('\u001b[***');
    expect(mask(['hunter22'], '\u001b]8;;https://x/hunter22\u0007')).toBe('\u001b]8;;https://x/***\u0007');
  });

  test('of several lines as a whole, line by line, and with \\n in JSON', () => {
    const key = '-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END KEY-----\n';
    expect(mask([key], key)).toBe('***\n***\n***\n***\n');
    expect(mask([key], key.replaceAll('\n', '\r\n'))).toBe('***\r\n***\r\n***\r\n***\r\n');
    expect(mask([key], 'line DDDDEEEEFFFF alone')).toBe('line *** alone');
    expect(mask([key], JSON.stringify({ key }))).toBe('{"key":"***"}');
  });
});

describe('what is not masked', () => {
  test('values shorter than four characters', () => {
    expect(mask(['abc', '', ' a '], 'abc a abc')).toBe('abc a abc');
  });

  test('a text without values, with no values at all', () => {
    expect(mask([], 'some\ntext\u001b[0m')).toBe('some\ntext\u001b[0m');
  });
});

describe('a stream', () => {
  test('holds back no more than what may be the beginning of a value', () => {
    const masker = createMasker(['hunter22']);
    expect(masker.push('a line\nh')).toBe('a line\n');
    expect(masker.push('unt')).toBe('');
    expect(masker.push('ing season')).toBe('hunting season');
    expect(masker.push(' hunter22')).toBe(' ***');
    expect(masker.flush()).toBe('');
  });

  test('shows a short beginning when it ends, and hides a long one, which may go on elsewhere', () => {
    const long = 'abcdefghijklmnopqrstuvwxyz';
    const masker = createMasker([long]);
    expect(masker.push('<abcdefghijklmno')).toBe('<');
    expect(masker.flush()).toBe('abcdefghijklmno');
    expect(masker.push('<abcdefghijklmnop')).toBe('<');
    expect(masker.flush()).toBe('***');
    expect(masker.push(`<${long}>`)).toBe('<***>');
  });

  test('hides the rest of a value that goes on after a pause, however often it pauses', () => {
    const value = 'correct-horse-battery-staple-42';
    const shown = (...pieces: readonly string[]) => {
      const masker = createMasker([value]);
      return pieces.map((piece) => masker.push(piece) + masker.flush()).join('');
    };
    expect(shown('key: correct-', 'horse-battery-staple-42\n', 'done\n')).toBe('key: correct-***\ndone\n');
    expect(shown('correct-horse-batt', 'ery-stap', 'le-42 done\n')).toBe('*** done\n');
    expect(shown('corr', 'ect', ' answer\n')).toBe('correct answer\n');
  });

  test('is not held up for ever by a progress bar behind the beginning of a value', () => {
    const masker = createMasker(['hunter22']);
    expect(masker.push(`hunt${'\u001b[2K\r'.repeat(2000)}`)).toMatch(/^hunt/);
  });

  test('of one value after another takes time in proportion', () => {
    const masker = createMasker([
      'a'.repeat(4000),
      ...Array.from({ length: 500 }, (_, n) => `${'a'.repeat(50)}${n}`),
    ]);
    const shown = masker.push('a'.repeat(300_000)) + masker.flush();
    expect(shown).toBe('***');
  });
});

describe('for every value, text and way to cut it', () => {
  const value = fc
    .string({ minLength: 4, maxLength: 40, unit: 'binary' })
    .filter((text) => text.trim().length >= 4);
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });

  /** The text in pieces whose lengths repeat. */
  function inPieces(text: string, lengths: readonly number[]): readonly string[] {
    const pieces: string[] = [];
    for (let at = 0, turn = 0; at < text.length; turn += 1) {
      const length = lengths[turn % lengths.length] ?? 1;
      pieces.push(text.slice(at, at + length));
      at += length;
    }
    return pieces;
  }

  function stream(values: readonly string[], pieces: readonly string[]): string {
    const masker = createMasker(values);
    return pieces.map((piece) => masker.push(piece)).join('') + masker.flush();
  }

  test('no form of a value gets through', () => {
    const scenario = fc
      .record({
        values: fc.array(value, { minLength: 1, maxLength: 3 }),
        before: fc.string(),
        after: fc.string(),
        cuts,
      })
      .chain((given) =>
        fc.record({ given: fc.constant(given), form: fc.constantFrom(...formsOf(given.values)) }),
      );
    fc.assert(
      fc.property(scenario, ({ given, form }) => {
        const shown = stream(given.values, inPieces(given.before + form + given.after, given.cuts));
        // The mask itself may look like the beginning of a form made of asterisks.
        const leaked = formsOf(given.values).filter((each) => !/[*\r\n]/.test(each) && shown.includes(each));
        expect(leaked).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a text in which no form stands comes out as it was', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 3 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        cuts,
        (values, text, lengths) => {
          const shown = visible(text).text;
          fc.pre(!formsOf(values).some((form) => text.includes(form) || shown.includes(form)));
          expect(stream(values, inPieces(text, lengths))).toBe(text);
        },
      ),
      { numRuns: 300 },
    );
  });

  /** By trying every form at every place: slow, and plainly right. */
  function maskSlowly(values: readonly string[], text: string): string {
    const { text: shownText, positions } = visible(text);
    const shownAt = new Set(positions);
    const hiddenRaw = new Set<number>();
    const hiddenVisible = new Set<number>();
    const within = new Set<number>();
    for (const form of formsOf(values)) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
        for (let n = 0; n < form.length; n += 1) hiddenRaw.add(at + n);
      }
      for (let at = shownText.indexOf(form); at >= 0; at = shownText.indexOf(form, at + 1)) {
        const from = positions[at] ?? 0;
        const last = positions[at + form.length - 1] ?? 0;
        for (let n = from; n <= last; n += 1) (shownAt.has(n) ? hiddenVisible : within).add(n);
      }
    }
    let masked = false;
    let result = '';
    for (let at = 0; at < text.length; at += 1) {
      const lineEnd = text[at] === '\n' || text[at] === '\r';
      const hidden = !lineEnd && (hiddenRaw.has(at) || hiddenVisible.has(at));
      if (!hidden) result += text[at];
      else if (!masked) result += '***';
      masked = hidden || (masked && !lineEnd && within.has(at));
    }
    return result;
  }

  test('the result is that of the slow and simple way, wherever the chunks are cut', () => {
    const unit = fc.constantFrom('a', 'b', 'c', '\n', '\u001b[3m', '\u001b', '[', '1', 'm');
    const dense = fc.string({ unit, maxLength: 60 });
    const values = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 8 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(values, dense, cuts, (given, text, lengths) => {
        expect(stream(given, inPieces(text, lengths))).toBe(maskSlowly(given, text));
      }),
      { numRuns: 2000 },
    );
  });
});
