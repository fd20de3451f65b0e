import type { JsonObject, TargetSettings } from '../domain/records.ts';
import type { Strategy } from '../domain/strategy.ts';

/** What a target can do; what it cannot is refused before anything starts. */
export interface Capabilities {
  readonly strategies: readonly Strategy[];
  /** A release is addressable before it is live. Where false, the activation intent precedes `start`. */
  readonly staging: boolean;
  readonly instantRollback: boolean;
  readonly cancel: boolean;
  /** The platform reports log lines of its own through `observe`. */
  readonly logs: boolean;
}

/** The artifact's bytes, read file by file; never held in memory whole. */
export interface ArtifactReader {
  readonly digest: string;
  readonly size: number;
  /** A link under which anybody who has it can fetch the zip for that long. */
  link(seconds: number): Promise<string>;
  /** Entries in the order of the archive; `read` gives the content of a file (inflated, capped). */
  files(): Promise<readonly { readonly path: string; readonly size: number; read(): Promise<Uint8Array> }[]>;
}

/** Everything an adapter gets for one deployment. Secrets are values here and nowhere else. */
export interface TargetContext<S extends TargetSettings = TargetSettings> {
  readonly deploymentId: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly environment: string;
  readonly settings: S;
  readonly configuration: JsonObject;
  readonly parameters: JsonObject;
  /** Runtime variables, plain and decrypted, for targets that pass them on. */
  readonly variables: Readonly<Record<string, string>>;
  /** Fence of the slot: a call with a lower fence than the target has seen must not take effect. */
  readonly fence: number;
  readonly artifact?: ArtifactReader | undefined;
  /** What `start` returned for this deployment, once it did. */
  readonly releaseId?: string | undefined;
  /** What was live when this deployment passed the gate. */
  readonly previous?: { readonly deploymentId: string; readonly releaseId: string } | undefined;
  /** The release of what a rollback brings back: where it is still there, it goes live again as it is. */
  readonly again?: { readonly deploymentId: string; readonly releaseId: string } | undefined;
  /** A line for the deployment's log; masked and batched by the caller. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
  /** Rejects with FenceLost unless this call may still change what is served (fence, intent, settling; strongly read). */
  assertMayChange(): Promise<void>;
  /** Fires when the call's time is up; every external call inside must obey it. */
  readonly signal: AbortSignal;
}

export type NeutralStatus = 'queued' | 'building' | 'deploying' | 'succeeded' | 'failed' | 'canceled';

export interface Started {
  readonly releaseId: string;
  /** `done`: placed already. `pending`: `observe` tells. */
  readonly state: 'done' | 'pending';
  /** Address under which the release can be seen before it is live, if the target can stage. */
  readonly stagedUrl?: string | undefined;
}

export interface Observed {
  readonly status: NeutralStatus;
  readonly message?: string | undefined;
  readonly lines: readonly {
    readonly at: number;
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly message: string;
  }[];
  /** Opaque; handed to the next `observe`. */
  readonly cursor?: string | undefined;
  readonly stagedUrl?: string | undefined;
}

/** What the environment serves now, as read back from the target. */
export interface Serving {
  /** Deployment whose release is live; undefined: nothing of ours is. */
  readonly deploymentId?: string | undefined;
  readonly releaseId?: string | undefined;
  readonly url?: string | undefined;
  /** Who else is served to some of the visitors; the rest gets `deploymentId`. Absent: everybody gets that. */
  readonly shares?: readonly { readonly deploymentId: string; readonly percent: number }[] | undefined;
}

/** Where probes of a release go. `headers` make the staged release visible (a preview cookie, say). */
export interface ProbeAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Header and value the answer must carry to prove which release answered. */
  readonly expectHeader?: { readonly name: string; readonly value: string } | undefined;
}

/**
 * The adapter for what hosts an app. Every method is safe to repeat, obeys `ctx.signal`,
 * and raises StageFailed (known failure) or OutcomeUnknown (sent, no answer).
 */
export interface Target<S extends TargetSettings = TargetSettings> {
  readonly capabilities: Capabilities;
  /** Finds or creates what the platform needs. */
  prepare(ctx: TargetContext<S>): Promise<void>;
  /** Places the release; not live where `staging`. */
  start(ctx: TargetContext<S>): Promise<Started>;
  observe(ctx: TargetContext<S>, cursor: string | undefined): Promise<Observed>;
  /** Makes the release live. Idempotent; refuses (FenceLost) where a newer fence was there. */
  activate(ctx: TargetContext<S>): Promise<void>;
  /**
   * Gives the release to so many percent of the visitors (1-99), always the same ones, and the rest what was live
   * before. Idempotent, and refuses like `activate`. Only where the capabilities name the canary.
   */
  shift?(ctx: TargetContext<S>, percent: number): Promise<void>;
  serving(ctx: TargetContext<S>): Promise<Serving>;
  /** Stops the platform's own operation; true when it is known to have stopped. */
  cancel(ctx: TargetContext<S>): Promise<boolean>;
  /** Switches back to `previous` (or to nothing, where there was none). */
  restore(ctx: TargetContext<S>): Promise<void>;
  /** Probe addresses: the staged one before, the public one after activation. */
  stagedAddress(ctx: TargetContext<S>): Promise<ProbeAddress | undefined>;
  liveAddress(ctx: TargetContext<S>): Promise<ProbeAddress | undefined>;
  /** A link under which people see a release that is not live (any more). */
  previewLink?(ctx: TargetContext<S>, releaseId: string): Promise<string | undefined>;
  /** Removes a release that is not live. */
  cleanup(ctx: TargetContext<S>, releaseId: string): Promise<void>;
}
