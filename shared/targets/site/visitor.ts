/** Name of the cookie that keeps a visitor with one release; the viewer functions know the same name. */
export const VISITOR_NAME = 'slipway-visitor';

/** Visitors are told apart by a place from 0 up to this; the first ones get a new release first. */
export const VISITOR_PLACES = 10_000;

/**
 * Cookie of a visitor at a place, while traffic is split for a release. It names the release, so that every split
 * draws its visitors anew. Checked in infra/edge/viewer-request.js.
 */
export const visitorCookie = (release: string, place: number): string =>
  `${VISITOR_NAME}=${release}.${place}`;
