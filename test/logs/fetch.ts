import type { Timeline } from '../lifecycle/cloud/timeline.ts';
import type { Service } from './service.ts';

/** Redirects that are followed, one after the other. */
const MOST_REDIRECTS = 3;

/** `fetch`, on the line to the service: a request may get lost, and an answer too. */
export function fetchOver(service: Service, timeline: Timeline): typeof fetch {
  const { chance } = service;
  const pass = () => timeline.pass(chance.between(1, 30));
  const once = async (target: string, init: RequestInit): Promise<Response> => {
    await pass();
    // Who is not answered cannot tell whether the request or the answer was lost.
    if (!service.calm && chance.happens(0.005)) throw new TypeError('fetch failed');
    const { method = 'GET', headers = {}, body } = init;
    const text = typeof body === 'string' ? body : undefined;
    // The client gives its headers as a plain object.
    const given = { method, target, headers: headers as Record<string, string>, body: text };
    const answer = await service.answer(given).catch(() => {
      throw new TypeError('fetch failed');
    });
    await pass();
    if (!service.calm && chance.happens(0.005)) throw new TypeError('fetch failed');
    const isEmpty = answer.status === 204 || answer.body === '';
    return new Response(isEmpty ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
  return async (input, init = {}) => {
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
    });
    aborted.catch(() => undefined);
    init.signal?.throwIfAborted();
    let url = new URL(String(input));
    for (let redirects = 0; ; redirects += 1) {
      const response = await Promise.race([once(`${url.pathname}${url.search}`, init), aborted]);
      const location = response.headers.get('location');
      if (response.status !== 307 || location === null || redirects >= MOST_REDIRECTS) return response;
      url = new URL(location, url);
    }
  };
}
