import type { JsonObject } from './json.ts';

export type VersionSource =
  | { readonly type: 'git'; readonly ref: string }
  | { readonly type: 'upload'; readonly sha256: string; readonly size: number };

export interface Commit {
  readonly sha: string;
  readonly message?: string | undefined;
  readonly author?: string | undefined;
}

/** An artifact in the artifacts bucket; `digest` is the SHA-256 of the zip, in hex. */
export interface Artifact {
  readonly key: string;
  readonly digest: string;
  readonly size: number;
  readonly files: number;
}

export interface Version {
  readonly id: string;
  readonly projectId: string;
  readonly number: number;
  readonly source: VersionSource;
  /** `pending`: upload not completed. `unusable`: refused at complete. */
  readonly state: 'pending' | 'ready' | 'unusable';
  readonly commit?: Commit | undefined;
  readonly artifact?: Artifact | undefined;
  readonly configuration: JsonObject;
  readonly problem?: string | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly revision: number;
}
