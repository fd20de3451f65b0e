// CloudFront Function (cloudfront-js-2.0), viewer response. Shows which release answered. The value comes from
// the metadata of the very object that is sent, not from the store, so it is true for cached answers too.
// CloudFront does not run it for answers of 400 and above; those come from the miss function, which sets the
// header itself.
//
// While traffic is split, a page also brings the cookie that keeps its visitor with one release. What the
// viewer-request function changed is not relied on here: only the id of the request is known to be the same for both.
import cf from 'cloudfront';
import crypto from 'crypto';

const kvs = cf.kvs();
const PREVIEW = 'slipway-preview';
const VISITOR = 'slipway-visitor';
const PLACES = 10000;
// Longer than any bake, so that nobody changes sides before everybody has.
const WEEK = 604800;

async function handler(event) {
  const response = event.response;
  const headers = response.headers;
  const release = headers['x-amz-meta-slipway-release'];
  if (release) headers['x-slipway-release'] = { value: release.value };
  Object.keys(headers).forEach((name) => {
    if (name.indexOf('x-amz-') === 0) delete headers[name];
  });
  if (!headers['x-content-type-options']) headers['x-content-type-options'] = { value: 'nosniff' };
  if (isPage(response)) await keepVisitor(event);
  return response;
}

// What a page loads brings the page's cookie already. One that did not change comes without a type.
function isPage(response) {
  const type = response.headers['content-type'];
  return type ? type.value.indexOf('text/html') === 0 : response.statusCode === 304;
}

async function keepVisitor(event) {
  const request = event.request;
  if (request.cookies[PREVIEW]) return;
  const split = await splitFor(request.headers.host);
  if (split === null) return;
  const known = request.cookies[VISITOR];
  if (known && known.value.indexOf(split + '.') === 0) return;
  const digest = crypto.createHash('sha256').update(event.context.requestId).digest('hex');
  const place = parseInt(digest.slice(0, 8), 16) % PLACES;
  const cookies = event.response.cookies || {};
  cookies[VISITOR] = {
    value: split + '.' + place,
    attributes: 'Path=/; Max-Age=' + WEEK + '; Secure; HttpOnly; SameSite=Lax',
  };
  event.response.cookies = cookies;
}

// The release that traffic is split for, or null.
async function splitFor(host) {
  const site = host ? await read('host:' + host.value.toLowerCase()) : null;
  const entry = site === null ? null : await read('site:' + site);
  const weights = entry === null ? [] : JSON.parse(entry).weights || [];
  return weights.length === 0 ? null : weights[0].release;
}

// Null where the key is not there, which the store says by throwing.
async function read(key) {
  try {
    return await kvs.get(key);
  } catch (error) {
    return null;
  }
}
