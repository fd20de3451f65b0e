/** The face of all records: one file a noun. */
export type * from './deployment.ts';
export type * from './deployment-cost.ts';
export type * from './deployment-decisions.ts';
export type * from './deployment-parts.ts';
export * from './environment.ts';
export type * from './json.ts';
export * from './project.ts';
export type * from './version.ts';
