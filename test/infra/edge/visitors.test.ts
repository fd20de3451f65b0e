import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type EdgeRequest,
  type EdgeResponse,
  loadViewerFunction,
} from '../../../local/edge/viewer-function.ts';
import { VISITOR_NAME, VISITOR_PLACES, visitorCookie } from '../../../shared/targets/site/visitor.ts';

const LIVE = 'dep_01J00000000000000000000001';
const NEW = 'dep_01J00000000000000000000002';
const SITE = 'prj_01J00000000000000000000001/production';
const HOST = 'production--shop.example.org';

/** The viewer functions of one site, which shares its visitors so. */
async function edge(percent: number | undefined) {
  const weights = percent === undefined ? {} : { weights: [{ release: NEW, percent }] };
  const stored: Record<string, string> = {
    [`host:${HOST}`]: SITE,
    [`site:${SITE}`]: JSON.stringify({ release: LIVE, fence: 4, ...weights }),
  };
  const store = {
    get: async (key: string) => {
      const value = stored[key];
      if (value === undefined) throw new RangeError('key not found');
      return value;
    },
  };
  const file = (name: string) => join(import.meta.dirname, '../../../infra/edge', name);
  const [toRelease, toViewer] = await Promise.all([
    loadViewerFunction<EdgeRequest | EdgeResponse>(file('viewer-request.js'), store),
    loadViewerFunction<EdgeResponse>(file('viewer-response.js'), store),
  ]);
  /** A visit of a page: the release that answers, and the cookie that came with it. */
  return async (cookie?: string, headers: Record<string, string> = { 'content-type': 'text/html' }) => {
    const asked = (): EdgeRequest => ({
      method: 'GET',
      uri: '/',
      querystring: {},
      headers: { host: { value: HOST } },
      cookies: cookie === undefined ? {} : { [VISITOR_NAME]: { value: cookie } },
    });
    const context = { requestId: randomUUID() };
    const decided = await toRelease({ context, request: asked() });
    if ('statusCode' in decided) throw new Error(`answered ${decided.statusCode}`);
    const release = decided.uri.split('/')[2];
    const response: EdgeResponse = {
      statusCode: headers['content-type'] === undefined ? 304 : 200,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }])),
    };
    // What CloudFront hands on is not said: the functions must do with the request as the viewer sent it.
    const answer = await toViewer({ context, request: asked(), response });
    return { release, cookie: answer.cookies?.[VISITOR_NAME] };
  };
}

describe('while traffic is split', () => {
  test.each([1, 10, 50, 90])(
    '%i %% of 2,000 distinct visitors get the new release, within 4 points',
    async (percent) => {
      const visit = await edge(percent);
      const visits = await Promise.all(Array.from({ length: 2000 }, () => visit()));
      const share = visits.filter(({ release }) => release === NEW).length / 20;
      expect(Math.abs(share - percent)).toBeLessThanOrEqual(4);
    },
  );

  test('a visitor gets the same release at each visit, and their cookie only once', async () => {
    const visit = await edge(50);
    for (let n = 0; n < 200; n += 1) {
      const first = await visit();
      const again = await visit(first.cookie?.value);
      expect(again).toEqual({ release: first.release, cookie: undefined });
    }
  });

  test('as the share rises visitors only come over, and nobody goes back', async () => {
    const visits = await Promise.all([10, 50, 90].map(edge));
    for (let place = 0; place < VISITOR_PLACES; place += 97) {
      const seen = await Promise.all(visits.map(async (visit) => (await visit(`${NEW}.${place}`)).release));
      expect(seen).toEqual(seen.toSorted());
    }
  });

  test('probes are among the first or the last visitors by their cookie', async () => {
    const visit = await edge(1);
    const [, first = ''] = visitorCookie(NEW, 0).split('=');
    const [, last = ''] = visitorCookie(NEW, VISITOR_PLACES - 1).split('=');
    expect((await visit(first)).release).toBe(NEW);
    expect((await visit(last)).release).toBe(LIVE);
  });

  test.each(['', 'x', `${LIVE}.5`, `${NEW}.`, `${NEW}.12345`, `${NEW}.-1`, `${NEW}.1.2`])(
    'the cookie %j of another split or another form gives no place',
    async (cookie) => {
      const visit = await edge(50);
      const releases = await Promise.all(
        Array.from({ length: 60 }, async () => (await visit(cookie)).release),
      );
      expect(new Set(releases)).toEqual(new Set([LIVE, NEW]));
    },
  );

  test('the cookie is for the whole site, for a week, and for no script', async () => {
    const { cookie } = await (await edge(50))();
    expect(cookie?.attributes).toBe('Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax');
  });

  test('a page that did not change brings the cookie too; what a page loads does not', async () => {
    const visit = await edge(50);
    expect((await visit(undefined, {})).cookie).toBeDefined();
    expect((await visit(undefined, { 'content-type': 'text/css' })).cookie).toBeUndefined();
  });
});

test('nobody gets a cookie while everybody gets the same', async () => {
  const visit = await edge(undefined);
  expect(await visit()).toEqual({ release: LIVE, cookie: undefined });
  expect((await visit(`${NEW}.0`)).release).toBe(LIVE);
});
