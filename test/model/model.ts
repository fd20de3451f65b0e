export type Policy = 'reject' | 'queue' | 'supersede';
/** How a deployment stands, as far as a person cares: `waiting` is in line, whether for the slot or for a freeze. */
export type Standing = 'asked' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'canceled';
export type Release = 'none' | 'active' | 'inactive' | 'rolled-back';

export interface Modelled {
  readonly name: string;
  readonly type: 'deploy' | 'rollback';
  /** What it is a version of: the same for a retry and for a rollback to it. */
  readonly content: number;
  standing: Standing;
  release: Release;
  ticket: number | undefined;
  /** Its artifact is there. */
  built: boolean;
  /** What a rollback from it goes back to. */
  previousGood: string | undefined;
  /** Of a rollback: what it leaves. */
  leaves?: string;
}

/**
 * What an environment is, in as few words as possible: a slot, a line, what is live, what was good, what is pinned and
 * blocked. Everything that needs nobody happens at once.
 */
export class Model {
  policy: Policy;
  readonly approvals: boolean;
  frozen = false;
  owner: string | undefined;
  active: string | undefined;
  previousGood: string | undefined;
  /** The rollback that pinned the environment, and the newest content that the pin speaks of. */
  pin: { readonly by: string; readonly content: number } | undefined;
  blocked: { readonly by: string; readonly content: number }[] = [];
  readonly deployments = new Map<string, Modelled>();
  #tickets = 0;
  #contents = 0;

  constructor(policy: Policy, approvals: boolean) {
    this.policy = policy;
    this.approvals = approvals;
  }

  one(name: string): Modelled {
    const found = this.deployments.get(name);
    if (found === undefined) throw new TypeError(`There is no ${name}.`);
    return found;
  }

  all = (standing?: Standing): Modelled[] =>
    [...this.deployments.values()].filter((one) => standing === undefined || one.standing === standing);

  /** Rollbacks first, then by number. */
  get line(): Modelled[] {
    const rank = ({ type, ticket = 0 }: Modelled) => (type === 'rollback' ? 0 : 1_000_000) + ticket;
    return this.all('waiting').sort((a, b) => rank(a) - rank(b));
  }

  /** What is live failed its check: only what is newer may come on top of it. */
  isUnfit({ type, content }: Pick<Modelled, 'type' | 'content'>): boolean {
    const live = this.active === undefined ? undefined : this.one(this.active);
    return type === 'deploy' && live?.standing === 'failed' && content <= live.content;
  }

  /** Would a start be refused? */
  get refuses(): boolean {
    return this.policy === 'reject' && this.owner !== undefined && !this.approvals;
  }

  start(name: string, again?: Modelled): void {
    this.#contents += 1;
    const made: Modelled = {
      name,
      type: 'deploy',
      content: again?.content ?? this.#contents,
      standing: this.approvals ? 'asked' : 'waiting',
      release: 'none',
      ticket: undefined,
      built: again?.built ?? false,
      previousGood: undefined,
    };
    this.deployments.set(name, made);
    this.#number(made);
    if (!this.approvals) this.#join(made);
  }

  approve(name: string): void {
    const one = this.one(name);
    if (this.isUnfit(one)) this.#end(one, 'failed');
    else this.#join(one);
  }

  cancel(name: string): void {
    this.#end(this.one(name), 'canceled');
  }

  /** The build of the one that has the slot ends; `live`: does its page answer well once it is live? */
  buildEnds(well: boolean, live: boolean): void {
    const one = this.one(this.owner ?? '');
    one.built = well;
    if (well) this.#goLive(one, live);
    else this.#end(one, 'failed');
  }

  /** What a rollback goes back to when nobody names it. */
  get target(): Modelled | undefined {
    let found = this.previousGood === undefined ? undefined : this.one(this.previousGood);
    while (found !== undefined && this.#isPassedOver(found))
      found = found.previousGood === undefined ? undefined : this.one(found.previousGood);
    return found;
  }

  rollback(name: string): void {
    const { active, target } = this;
    if (active === undefined || target === undefined) throw new TypeError('There is nothing to go back to.');
    const left = this.one(active);
    const { content, previousGood } = target;
    this.deployments.set(name, {
      ...{ name, type: 'rollback', content, previousGood, standing: 'waiting' },
      ...{ release: 'none', ticket: undefined, built: true, leaves: active },
    });
    this.pin = { by: name, content: Math.max(left.content, this.pin?.content ?? 0) };
    if (left.content !== content) this.#block(active, left.content);
    this.#number(this.one(name));
    // Whoever runs gives way.
    if (this.owner !== undefined) this.#end(this.one(this.owner), 'canceled');
    else this.#goOn();
  }

  freeze(begins: boolean): void {
    this.frozen = begins;
    this.#goOn();
  }

  /** Its number in line, which it has from its creation on; under `supersede` whatever waits loses its place to it. */
  #number(one: Modelled): void {
    this.#tickets += 1;
    one.ticket = this.#tickets;
    if (this.policy !== 'supersede' || one.type === 'rollback') return;
    for (const other of [...this.all('asked'), ...this.all('waiting')])
      if (other !== one && other.type === 'deploy') other.standing = 'canceled';
  }

  #join(one: Modelled): void {
    one.standing = 'waiting';
    this.#goOn();
  }

  /** Whoever may have the slot takes it, and does what needs nobody. */
  #goOn(): void {
    if (this.owner !== undefined) return;
    const next = this.line.find(({ type }) => type === 'rollback' || !this.frozen);
    if (next === undefined) return;
    this.owner = next.name;
    next.standing = 'running';
    // Looked at again at its gate: time has passed since it was asked for.
    if (this.isUnfit(next)) this.#end(next, 'failed');
    else if (next.built) this.#goLive(next, true);
  }

  #goLive(one: Modelled, live: boolean): void {
    const before = this.active === undefined ? undefined : this.one(this.active);
    if (!live && before !== undefined) {
      one.release = 'rolled-back';
      this.#block(one.name, one.content);
      this.#end(one, 'failed');
      return;
    }
    one.release = 'active';
    this.active = one.name;
    if (before !== undefined) before.release = one.leaves === before.name ? 'rolled-back' : 'inactive';
    if (one.type === 'deploy')
      one.previousGood = before?.standing === 'succeeded' ? before.name : this.previousGood;
    this.previousGood = one.previousGood;
    if (live) this.#lift(one);
    this.#end(one, live ? 'succeeded' : 'failed');
  }

  /** What went live well is not bad any more, and neither is what is older. */
  #lift({ type, content }: Modelled): void {
    const older = (other: { readonly content: number }) => type === 'deploy' && content > other.content;
    const overruled = type === 'deploy' && this.blocked.some((entry) => entry.content === content);
    this.blocked = this.blocked.filter((entry) => entry.content !== content && !older(entry));
    if (this.pin !== undefined && (older(this.pin) || overruled)) this.pin = undefined;
  }

  #block(by: string, content: number): void {
    this.blocked = [...this.blocked.filter((entry) => entry.content !== content), { by, content }];
  }

  #isPassedOver({ name, standing, release, content }: Modelled): boolean {
    const bad = this.blocked.some((entry) => entry.content === content);
    return name === this.active || standing !== 'succeeded' || release === 'rolled-back' || bad;
  }

  #end(one: Modelled, standing: Standing): void {
    one.standing = standing;
    if (this.owner === one.name) this.owner = undefined;
    this.#goOn();
  }
}
