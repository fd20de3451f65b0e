import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceUrl } from '../../../shared/contracts/source.ts';
import { parseSourceUrl, SOURCE_SCHEMES, type SourceUrl } from '../../../shared/domain/source-url.ts';
import { InvalidSourceUrl, type SourceUrlFault } from '../../../shared/errors/source.ts';

function faultOf(text: string, allowed = SOURCE_SCHEMES as readonly SourceUrl['scheme'][]): SourceUrlFault {
  try {
    parseSourceUrl(text, allowed);
  } catch (error) {
    if (error instanceof InvalidSourceUrl) return error.reason;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

const none = { port: undefined, user: undefined };

describe('the address of a repository', () => {
  test.each<[string, Omit<SourceUrl, 'href'>, string?]>([
    ['https://github.com/a/b', { ...none, scheme: 'https', host: 'github.com', path: '/a/b' }],
    [
      'https://Example.com:8443/b.git',
      { ...none, scheme: 'https', host: 'example.com', port: 8443, path: '/b.git' },
      'https://example.com:8443/b.git',
    ],
    [
      'HTTPS://github.com/a/b',
      { ...none, scheme: 'https', host: 'github.com', path: '/a/b' },
      'https://github.com/a/b',
    ],
    ['https://[2001:db8::1]/b', { ...none, scheme: 'https', host: '[2001:db8::1]', path: '/b' }],
    [
      'https://bücher.example/b',
      { ...none, scheme: 'https', host: 'xn--bcher-kva.example', path: '/b' },
      'https://xn--bcher-kva.example/b',
    ],
    [
      'ssh://git@github.com/a/b.git',
      { ...none, scheme: 'ssh', host: 'github.com', user: 'git', path: '/a/b.git' },
    ],
    [
      'ssh://git@host.example:2222/~me/b',
      { scheme: 'ssh', host: 'host.example', user: 'git', port: 2222, path: '/~me/b' },
    ],
    ['git@github.com:a/b.git', { ...none, scheme: 'ssh', host: 'github.com', user: 'git', path: 'a/b.git' }],
    ['host.example:b.git', { ...none, scheme: 'ssh', host: 'host.example', path: 'b.git' }],
    [
      'git@[2001:db8::1]:b.git',
      { ...none, scheme: 'ssh', host: '[2001:db8::1]', user: 'git', path: 'b.git' },
    ],
    [
      'http://127.0.0.1:8080/b.git',
      { ...none, scheme: 'http', host: '127.0.0.1', port: 8080, path: '/b.git' },
    ],
    ['git://127.0.0.1:9418/b', { ...none, scheme: 'git', host: '127.0.0.1', port: 9418, path: '/b' }],
    ['file:///srv/my%20repo.git', { ...none, scheme: 'file', host: '', path: '/srv/my repo.git' }],
  ])('%s is taken apart', (text, parts, href = text) => {
    expect(parseSourceUrl(text, SOURCE_SCHEMES)).toEqual({ ...parts, href });
    expect(sourceUrl.safeParse(text).success).toBe(true);
  });

  test.each<[SourceUrlFault, string]>([
    ['empty', ''],
    ['too-long', `https://example.com/${'a'.repeat(2048)}`],
    ['characters', ' https://example.com/b'],
    ['characters', 'https://example.com/a b'],
    ['characters', 'https://example.com/b\n'],
    ['characters', 'https://example.com/b\u0000'],
    ['characters', 'https://example.com/b\u202egit'],
    ['characters', 'https://github.com\\@evil.example/b'],
    ['characters', 'https://example.com/b%0ainjected'],
    ['characters', 'https://example.com/b%00'],
    ['characters', '\ud800'],
    ['option', '--upload-pack=touch /tmp/x'.replace(' ', '+')],
    ['option', '-oProxyCommand=x'],
    ['option', 'host.example:-oProxyCommand=x'],
    ['transport', 'ext::sh'],
    ['transport', 'ext::sh+-c+x%20'],
    ['transport', 'fd::17'],
    ['transport', 'http::https://example.com/b'],
    ['transport', '::address'],
    ['transport', 'git@ext::sh'],
    ['transport', 'git@[2001:db8::1]:ext::sh'],
    ['malformed', 'not-a-url'],
    ['malformed', '/srv/repo.git'],
    ['malformed', './repo'],
    ['malformed', 'C:/repo'],
    ['malformed', 'https:/example.com/b'],
    ['malformed', 'https://'],
    ['malformed', 'https://example.com:99999/b'],
    ['scheme', 'ftp://example.com/b'],
    ['scheme', 'javascript://example.com/b'],
    ['scheme', 'ext://example.com/b'],
    ['scheme', 'git+ssh://example.com/b'],
    ['credentials', 'https://user@example.com/b'],
    ['credentials', 'https://user:secret@example.com/b'],
    ['credentials', 'https://:secret@example.com/b'],
    ['credentials', 'ssh://git:secret@example.com/b'],
    ['credentials', 'ssh://-oProxyCommand=x@example.com/b'],
    ['credentials', '%2doProxyCommand@example.com:b'],
    ['credentials', 'user:secret@example.com/b'],
    ['credentials', 'git://user@example.com/b'],
    ['host', 'ssh:///b'],
    ['host', 'https:///example.com/b'],
    ['host', 'ssh://-oProxyCommand=x/b'],
    ['host', 'ssh://git@-host/b'],
    ['host', 'git@-host:b'],
    ['host', 'git:///b'],
    ['host', 'ssh://a%20b/c'],
    ['host', 'file://server/share'],
    ['path', 'https://example.com'],
    ['path', 'https://example.com/'],
    ['path', 'https://example.com///'],
    ['path', 'https://example.com/a/../b'],
    ['path', 'https://example.com/a/%2e%2e/b'],
    ['path', 'https://example.com/a/%2e%2e%2fb'],
    ['path', 'https://example.com/%zz'],
    ['path', 'git@example.com:../b'],
    ['path', 'file:///srv/../etc'],
    ['query', 'https://example.com/b?token=x'],
    ['query', 'https://example.com/b#main'],
    ['query', 'git@example.com:b#main'],
  ])('is refused (%s): %j', (reason, text) => {
    expect(faultOf(text)).toBe(reason);
    const issues = sourceUrl.safeParse(text).error?.issues;
    expect(issues).toMatchObject([{ code: 'custom', params: { reason } }]);
  });

  test.each(['http://example.com/b', 'git://example.com/b', 'file:///srv/b'])(
    '%s needs a place that allows its scheme',
    (text) => {
      expect(() => parseSourceUrl(text)).toThrow(InvalidSourceUrl);
      expect(faultOf(text, ['https', 'ssh'])).toBe('scheme');
    },
  );

  test('is never repeated in the message, since it may hold a secret', () => {
    const error = (() => {
      try {
        return parseSourceUrl('https://user:hunter2@example.com/b');
      } catch (refusal) {
        return refusal;
      }
    })();
    expect(error).toBeInstanceOf(InvalidSourceUrl);
    expect(String(error)).not.toContain('hunter2');
  });

  const pieces = fc.constantFrom(
    ...[
      'https://',
      'ssh://',
      'file://',
      'ext::',
      'git',
      '@',
      ':',
      '/',
      '-',
      '..',
      '%2e',
      '%0a',
      '\n',
      ' ',
      'a.b',
    ],
    ...['[::1]', '#', '?', '\\', '~', 'o', '--upload-pack=x', 'user:pw@', '%', '\u0000'],
  );

  test('whatever is accepted is harmless to git', () => {
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.string(),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        let source: SourceUrl;
        try {
          source = parseSourceUrl(candidate, SOURCE_SCHEMES);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidSourceUrl);
          return;
        }
        expect(source.href).not.toMatch(/^-|^[^/]*::(?!.*\])|[\s\\]|\/\.\.(?:\/|$)/);
        expect(source.href).not.toMatch(/^https?:\/\/[^/]*@|^(?:[a-z]+:\/\/)?[^/]*:[^/]*@/);
        expect(`${source.host}${source.user ?? ''}`).not.toMatch(/^-/);
        expect(parseSourceUrl(source.href, SOURCE_SCHEMES)).toEqual(source);
      }),
      { numRuns: 1000 },
    );
  });
});
