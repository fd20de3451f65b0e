import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { EdgeSite } from '../../shared/targets/site/hosting-edge.ts';

export interface SiteDesk {
  ensure(site: string): Promise<EdgeSite>;
  find(site: string): EdgeSite | undefined;
}

const PATH = /^\/([A-Za-z0-9_-]+)\/sites\/(prj_[0-9A-HJKMNP-TV-Z]{26}\/[a-z0-9-]{1,63})$/;

/** `PUT` and `GET /<token>/sites/<projectId>/<environment>`; without the token there is nothing here. */
export function adminListener(token: string, desk: SiteDesk): RequestListener {
  return (incoming, outgoing) => {
    answer(token, desk, incoming, outgoing).catch(() => outgoing.writeHead(500).end());
  };
}

async function answer(
  token: string,
  desk: SiteDesk,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const [, given, site] = PATH.exec(incoming.url ?? '') ?? [];
  if (given === undefined || site === undefined || !sameToken(given, token)) {
    outgoing.writeHead(404).end();
    return;
  }
  if (incoming.method !== 'PUT' && incoming.method !== 'GET') {
    outgoing.writeHead(405, { allow: 'GET, PUT' }).end();
    return;
  }
  const found = incoming.method === 'PUT' ? await desk.ensure(site) : desk.find(site);
  if (found === undefined) outgoing.writeHead(404).end();
  else outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const sameToken = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
