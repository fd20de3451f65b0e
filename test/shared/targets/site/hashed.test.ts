import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashedName } from '../../../../shared/targets/site/hashed.ts';

test.each([
  // Vite, Rollup, SvelteKit, Astro
  ['assets/index-BvH2kLx9.js', 'certain'],
  ['assets/index-D_8fK-2a.css', 'certain'],
  ['assets/logo-DyQrBx1C.svg', 'certain'],
  ['assets/index-BvH2kLx9.js.map', 'certain'],
  ['_astro/index.C3kD8aXx.css', 'certain'],
  ['_app/immutable/chunks/BzCq9sKx.js', 'certain'],
  // webpack, Create React App, Next
  ['static/js/main.4f2a1b3c.chunk.js', 'certain'],
  ['static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg', 'certain'],
  ['_next/static/chunks/webpack-2a1f5b3c4d5e6f70.js', 'certain'],
  // Parcel and esbuild put them beside the page
  ['index.a1b2c3d4.js', 'certain'],
  ['app-K3JH7QZ2.js', 'certain'],
  // Might be, in a build tool's folder
  ['assets/photo-20240101.jpg', 'likely'],
  ['assets/component-Featured.js', 'likely'],
  ['assets/index-k3f9z0zq.js', 'likely'],
  // Ordinary names
  ['index.html', 'none'],
  ['main.js', 'none'],
  ['js/jquery.min.js', 'none'],
  ['js/bootstrap.bundle.min.js', 'none'],
  ['css/normalize.css', 'none'],
  ['photo-20240101.jpg', 'none'],
  ['notes-2024Beta.js', 'none'],
  ['deadbeef.js', 'none'],
  ['report-a1b2c3d4.pdf', 'none'],
  ['posts/page-a1b2c3d4.html', 'none'],
  ['robots.txt', 'none'],
  ['.well-known/security-a1b2c3d4', 'none'],
])('%s is %s', (path, expected) => {
  expect(hashedName(path)).toBe(expected);
});

const hash = (alphabet: string, length: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length }).map((all) => all.join(''));
const HEX = '0123456789abcdef';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('a hex hash with a letter and a digit is found in any name and folder', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z]{1,12}$/),
      fc.constantFrom('', 'assets/', 'a/b/'),
      fc.constantFrom('.', '-', '_'),
      hash(HEX, 8).filter((one) => /[a-f]/.test(one) && /[0-9]/.test(one)),
      (name, folder, separator, token) => hashedName(`${folder}${name}${separator}${token}.js`) === 'certain',
    ),
  );
});

test('a hash of 8 base64url characters with capital, small letter and digit is found in a build folder', () => {
  fc.assert(
    fc.property(
      hash(BASE64URL, 8).filter((one) => /[A-Z]/.test(one) && /[a-z]/.test(one) && /[0-9]/.test(one)),
      (token) => hashedName(`assets/index-${token}.js`) === 'certain',
    ),
  );
});

test('names of lower-case words are never taken for hashes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,14}$/), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', 'assets/', 'static/js/'),
      (words, folder) => hashedName(`${folder}${words.join('-')}.js`) === 'none',
    ),
  );
});
