// CloudFront Function (cloudfront-js-2.0), viewer response. Shows which release answered. The value comes from
// the metadata of the very object that is sent, not from the store, so it is true for cached answers too.
// CloudFront does not run it for answers of 400 and above; those come from the miss function, which sets the
// header itself.
function handler(event) {
  const headers = event.response.headers;
  const release = headers['x-amz-meta-slipway-release'];
  if (release) headers['x-slipway-release'] = { value: release.value };
  Object.keys(headers).forEach((name) => {
    if (name.indexOf('x-amz-') === 0) delete headers[name];
  });
  if (!headers['x-content-type-options']) headers['x-content-type-options'] = { value: 'nosniff' };
  return event.response;
}
