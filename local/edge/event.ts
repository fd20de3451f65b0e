import type { IncomingMessage } from 'node:http';
import type { EdgeRequest, EdgeValue } from './viewer-function.ts';

/**
 * A request in CloudFront's form: names of headers in lower case, cookies apart, the query's names and values as
 * the viewer encoded them. `host` is the site's own name, whatever name this machine was called by.
 */
export function toEvent(incoming: IncomingMessage, host: string): EdgeRequest {
  const target = incoming.url ?? '/';
  const query = target.indexOf('?');
  const headers: EdgeRequest['headers'] = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && name !== 'cookie') headers[name] = { value: String(value) };
  }
  headers['host'] = { value: host };
  return {
    method: incoming.method ?? 'GET',
    uri: query < 0 ? target : target.slice(0, query),
    querystring: pairs(query < 0 ? '' : target.slice(query + 1), '&'),
    headers,
    cookies: pairs(incoming.headers.cookie ?? '', ';'),
  };
}

function pairs(text: string, separator: string): Record<string, EdgeValue> {
  // No prototype: a parameter may be called `constructor`.
  const found: Record<string, EdgeValue> = Object.create(null);
  for (const part of text.split(separator)) {
    const pair = part.trim();
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    const before = found[name];
    const all = before === undefined ? [] : (before.multiValue ?? [before]);
    found[name] = all.length === 0 ? { value } : { value, multiValue: [...all, { value }] };
  }
  return found;
}
