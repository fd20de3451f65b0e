/** The environment of a project as the edge knows it. */
export interface Site {
  readonly projectId: string;
  readonly environment: string;
}

/** `<projectId>/<environment>`: names a site in keys of the bucket and of the key-value store. */
export const siteId = (site: Site): string => `${site.projectId}/${site.environment}`;

/** A release is named by the deployment that placed it; the viewer and miss functions take nothing else. */
export const RELEASE_ID = /^dep_[0-9A-HJKMNP-TV-Z]{26}$/;

/**
 * Keys in the sites bucket. What viewers can reach is below `releases/` and `assets/` only, because the viewer
 * function prefixes every address with one of them; manifests are for us.
 */
export const RELEASES = 'releases/';
export const releasePrefix = (release: string): string => `${RELEASES}${release}/`;
export const releaseKey = (release: string, path: string): string => `${releasePrefix(release)}${path}`;
export const sharedAssetKey = (site: Site, path: string): string => `assets/${siteId(site)}/${path}`;
/** Small, read at each miss; written last, so a release that has one is whole. */
export const manifestKey = (release: string): string => `manifests/${release}.json`;
/** Every file with its digest; read by nobody who is in a hurry. */
export const fileListKey = (release: string): string => `manifests/${release}.files.json`;

/** Keys in the key-value store that the viewer functions read (infra/edge). */
export const entryKey = (site: Site): string => `site:${siteId(site)}`;
export const hostKey = (host: string): string => `host:${host.toLowerCase()}`;
export const distributionKey = (site: Site): string => `distribution:${siteId(site)}`;
export const PREVIEW_SECRET_KEY = 'preview-secret';

/** Metadata of each object of a release; the viewer function shows it as RELEASE_HEADER. */
export const RELEASE_METADATA = 'slipway-release';
export const RELEASE_HEADER = 'x-slipway-release';
