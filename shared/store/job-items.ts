import type { Item } from './engine.ts';
import type { Job } from './job.ts';
import { jobItemKey, type Key } from './keys.ts';

/** What the item holds besides the job: proofs of who may act for it. Never leaves the store. */
export interface JobProofs {
  /** Random per job; with the runner's nonce it gives the job token. */
  readonly tokenSalt: string;
  /** Hash of the one-use claim ticket, for CodeBuild. */
  readonly ticketHash?: string | undefined;
  readonly nonceHash?: string | undefined;
  readonly tokenHash?: string | undefined;
}

const JOB_KEY = /^(dep_[0-9A-HJKMNP-TV-Z]{26})\.(build|resolve|hook)\.(0|[1-9][0-9]{0,3})$/;

/** The item's key for a job key from a URL; undefined for anything that names no job. */
export function jobItemKeyOf(jobKey: string): Key | undefined {
  const [, deploymentId, kind, round] = JOB_KEY.exec(jobKey) ?? [];
  if (deploymentId === undefined || kind === undefined || round === undefined) return undefined;
  return jobItemKey(deploymentId, kind, Number(round));
}

export function toItem(job: Job, proofs: JobProofs): Item {
  const { kind, ...rest } = job;
  return {
    ...jobItemKey(job.deploymentId, kind, job.round),
    kind: 'job',
    v: 1,
    jobKind: kind,
    ...rest,
    proofs,
  };
}

// Items of kind `job` are written by this folder alone, in the shape of `toItem`.
type Stored = Omit<Job, 'kind'> & { readonly jobKind: Job['kind']; readonly proofs: JobProofs };

export function fromItem(item: Item): { readonly job: Job; readonly proofs: JobProofs } {
  const { pk, sk, v, kind, wpk, wsk, jobKind, proofs, ...rest } = item as unknown as Stored & Item;
  // The union's other fields came out of the same item; only the discriminating pair was taken apart.
  return { job: { ...rest, kind: jobKind } as unknown as Job, proofs };
}
