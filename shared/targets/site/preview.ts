import { createHmac } from 'node:crypto';
import { type Site, siteId } from './site.ts';

/** Name of the cookie and of the link's query parameter; the viewer function knows the same name. */
export const PREVIEW_NAME = 'slipway-preview';

/**
 * Lets its holder see a release of one site before it is live, until a moment in time.
 * `<release>.<seconds since the epoch>.<HMAC>`; checked in infra/edge/viewer-request.js.
 */
export function previewToken(secret: string, site: Site, release: string, expiresAt: number): string {
  const expires = Math.floor(expiresAt / 1000);
  const signature = createHmac('sha256', secret)
    .update(`${siteId(site)}\n${release}\n${expires}`)
    .digest('base64url');
  return `${release}.${expires}.${signature}`;
}
