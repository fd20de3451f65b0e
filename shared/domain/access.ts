/** Each role may do everything the one before it may. */
export const ROLES = ['viewer', 'deployer', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** A role for everything (`projectId` absent), for one project, or for one environment of it. */
export interface Grant {
  readonly role: Role;
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
}

/** Who is calling, always taken from the token. */
export interface Actor {
  readonly tokenId: string;
  /** Self-approval compares subjects, not tokens. */
  readonly subject: string;
  readonly kind: 'api' | 'runner';
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
  /** ISO time at which the token ends; absent: never. */
  readonly expiresAt?: string | undefined;
  /** Whose token it is, where `kind` is `runner`. */
  readonly runner?: { readonly id: string; readonly label?: string | undefined } | undefined;
}

/** Does one of the actor's grants cover the role at this place? An absent place means the whole installation. */
export function may(
  actor: Pick<Actor, 'grants'>,
  role: Role,
  place: { projectId?: string; environment?: string } = {},
): boolean {
  return actor.grants.some(
    (grant) =>
      ROLES.indexOf(grant.role) >= ROLES.indexOf(role) &&
      (grant.projectId === undefined || grant.projectId === place.projectId) &&
      (grant.environment === undefined || grant.environment === place.environment),
  );
}

/** Does the actor hold any grant that touches this project, if only for one of its environments? */
export function seesProject(actor: Actor, projectId: string): boolean {
  return actor.grants.some((grant) => grant.projectId === undefined || grant.projectId === projectId);
}
