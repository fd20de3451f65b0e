/**
 * Where the archive of a finished log stands. `after` counts the purges that it was written after: each makes objects
 * of its own, since one that is replaced could be put back by whoever still writes the old one.
 */
const prefix = (deploymentId: string, after: number) =>
  `logs/${deploymentId}${after === 0 ? '' : `.purged-${after}`}`;

/** Gzip-compressed NDJSON, one line of the API a line. It is written last, so where it is, the rest is. */
export const archiveKey = (deploymentId: string, after = 0) => `${prefix(deploymentId, after)}.ndjson.gz`;
/** The messages alone, as they were printed; served as text that is compressed on its way. */
export const textKey = (deploymentId: string, after = 0) => `${prefix(deploymentId, after)}.txt`;
/** Where archives of before have what makes them readable in parts (log-archive-index.ts). */
export const indexKey = (deploymentId: string, after = 0) => `${prefix(deploymentId, after)}.index.json`;
