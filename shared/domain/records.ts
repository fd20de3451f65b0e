/** The face of all records: one file a noun. */
export type * from './deployment.ts';
export * from './environment.ts';
export type * from './json.ts';
export * from './project.ts';
export type * from './version.ts';
