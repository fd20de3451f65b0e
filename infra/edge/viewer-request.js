// CloudFront Function (cloudfront-js-2.0), viewer request. Chooses the site by its host and the release by the
// site's key, and turns the address into a key of the sites bucket. The edge server of `npm start` and the tests
// run this very file.
//
// Limits of that runtime: ECMAScript 5.1 with const, let, async and a few more (test/infra/edge holds the file
// to them), 10 KB, about a millisecond, no network, no body.
import cf from 'cloudfront';
import crypto from 'crypto';

const kvs = cf.kvs();
const PREVIEW = 'slipway-preview';
const VISITOR = 'slipway-visitor';
const PLACES = 10000;
// Large shared assets are asked for directly, see shared/targets/site/miss.ts.
const SHARED = '/.slipway/assets/';
// S3 allows 1,024 bytes for a key.
const MAX_PATH = 800;

async function handler(event) {
  const request = event.request;
  const path = cleanPath(request.uri);
  if (path === null) return plain(400, 'Bad Request', 'This address is not well formed.');
  if (path.length > MAX_PATH * 3) return plain(414, 'URI Too Long', 'This address is too long.');

  const host = request.headers.host ? request.headers.host.value.toLowerCase() : '';
  const site = await read('host:' + host);
  if (site === null) return plain(404, 'Not Found', 'No site has this address.');

  const link = request.querystring[PREVIEW];
  if (link) return followLink(link.value, site, path, request.querystring);

  // Query parameters mean something to S3; none of a viewer's gets there.
  request.querystring = {};
  if (path.indexOf(SHARED) === 0) {
    request.uri = '/assets/' + site + '/' + path.slice(SHARED.length);
    return request;
  }
  const release = (await previewed(request, site)) || (await live(site, event));
  if (release === null) return plain(404, 'Not Found', 'Nothing has been deployed here yet.');
  request.uri = '/releases/' + release + path;
  return request;
}

// One spelling for each address: decoded, single slashes, no dots, encoded again. Null: no address of a file.
function cleanPath(uri) {
  let decoded;
  try {
    decoded = decodeURIComponent(uri).replace(/\/+/g, '/');
  } catch (error) {
    return null;
  }
  if (decoded.charAt(0) !== '/' || /[\u0000-\u001f\u007f\\]/.test(decoded)) return null;
  const segments = decoded.split('/');
  for (let i = 0; i < segments.length; i++) {
    if (segments[i] === '.' || segments[i] === '..') return null;
    segments[i] = encodeURIComponent(segments[i]);
  }
  return segments.join('/');
}

async function live(site, event) {
  const text = await read('site:' + site);
  if (text === null) return null;
  const entry = JSON.parse(text);
  const weights = entry.weights || [];
  if (weights.length === 0) return entry.release;
  const place = placeOf(event, weights[0].release);
  let share = 0;
  for (let i = 0; i < weights.length; i++) {
    share += (weights[i].percent * PLACES) / 100;
    if (place < share) return weights[i].release;
  }
  return entry.release;
}

// Where a visitor stands among all, while traffic is split for a release. Their cookie says so; without one it is
// drawn from the id of the request, which the viewer-response function knows too and keeps in the cookie.
function placeOf(event, release) {
  const cookie = event.request.cookies[VISITOR];
  const parts = cookie ? cookie.value.split('.') : [];
  if (parts.length === 2 && parts[0] === release && /^[0-9]{1,4}$/.test(parts[1])) return Number(parts[1]);
  const digest = crypto.createHash('sha256').update(event.context.requestId).digest('hex');
  return parseInt(digest.slice(0, 8), 16) % PLACES;
}

// The release that a signed cookie shows to its holder, or null.
async function previewed(request, site) {
  const cookie = request.cookies[PREVIEW];
  return cookie ? await releaseOf(cookie.value, site) : null;
}

// A link sets the cookie and goes on to the same page without the token in its address; an empty one ends it.
async function followLink(token, site, path, querystring) {
  const release = token === '' ? '' : await releaseOf(token, site);
  if (release === null) return plain(403, 'Forbidden', 'This preview link is not valid, or not any more.');
  const seconds = token === '' ? 0 : Number(token.split('.')[1]) - now();
  const cookies = {};
  cookies[PREVIEW] = {
    value: token,
    attributes: 'Path=/; Max-Age=' + seconds + '; Secure; HttpOnly; SameSite=Lax',
  };
  return {
    statusCode: 302,
    statusDescription: 'Found',
    headers: { location: { value: path + rest(querystring) }, 'cache-control': { value: 'no-store' } },
    cookies: cookies,
  };
}

// `<release>.<seconds since the epoch>.<HMAC-SHA256 of site, release and moment>`, see preview.ts.
async function releaseOf(token, site) {
  const parts = token.split('.');
  if (parts.length !== 3 || !/^dep_[0-9A-Z]{26}$/.test(parts[0]) || !/^[0-9]{1,12}$/.test(parts[1]))
    return null;
  if (Number(parts[1]) <= now()) return null;
  const secret = await read('preview-secret');
  if (secret === null) return null;
  const signed = site + '\n' + parts[0] + '\n' + parts[1];
  const expected = crypto.createHmac('sha256', secret).update(signed).digest('base64url');
  return same(expected, parts[2]) ? parts[0] : null;
}

// Takes as long for a wrong first character as for a wrong last one.
function same(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

// The query without the preview's parameter; names and values are as the viewer encoded them.
function rest(querystring) {
  const pairs = [];
  Object.keys(querystring).forEach((name) => {
    if (name === PREVIEW) return;
    const values = querystring[name].multiValue || [querystring[name]];
    values.forEach((one) => pairs.push(one.value === '' ? name : name + '=' + one.value));
  });
  return pairs.length === 0 ? '' : '?' + pairs.join('&');
}

// Null where the key is not there, which the store says by throwing.
async function read(key) {
  try {
    return await kvs.get(key);
  } catch (error) {
    return null;
  }
}

function now() {
  return Math.floor(Date.now() / 1000);
}

function plain(status, description, text) {
  return {
    statusCode: status,
    statusDescription: description,
    headers: {
      'content-type': { value: 'text/plain; charset=utf-8' },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' },
    },
    body: { encoding: 'text', data: text + '\n' },
  };
}
