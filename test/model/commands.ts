import fc from 'fast-check';
import type { Model, Modelled, Policy } from './model.ts';
import type { Real } from './real.ts';

type Command = fc.AsyncCommand<Model, Real>;

/** How often each kind of thing was done; what was never done is not compared either. */
export const done = {
  start: 0,
  cancel: 0,
  'build ends': 0,
  rollback: 0,
  retry: 0,
  approve: 0,
  freeze: 0,
  policy: 0,
  pass: 0,
};
type Kind = keyof typeof done;

/** One thing that somebody does, to the model and to the service; then both have to say the same. */
function command(
  kind: Kind,
  text: string,
  can: (model: Model) => boolean,
  act: (model: Model, real: Real) => Promise<void>,
): Command {
  return {
    // Readonly<Model> has lost the private names of the class, and nothing else.
    check: (model) => can(model as Model),
    run: async (model, real) => {
      done[kind] += 1;
      await act(model, real);
      const difference = await real.differs(model);
      if (difference !== undefined) throw new Error(`After "${text}" ${difference}`);
    },
    toString: () => text,
  };
}

/** One of those that a predicate admits, by a number. */
const chosen = <T>(from: readonly T[], number: number): T | undefined =>
  from[number % Math.max(1, from.length)];
const nextName = (model: Model) => `d${model.deployments.size + 1}`;
const isOpen = ({ standing }: Modelled) =>
  standing === 'asked' || standing === 'waiting' || standing === 'running';
const canRetry = ({ type, standing }: Modelled) =>
  type === 'deploy' && (standing === 'failed' || standing === 'canceled');

function expectThat(is: boolean, shall: boolean, what: string): void {
  if (is !== shall) throw new Error(`${what} was ${is ? 'accepted' : 'refused'}, and should not have been.`);
}

const start = fc.constant(
  command(
    'start',
    'start',
    (model) => model.deployments.size < 12,
    async (model, real) => {
      const [name, refused] = [nextName(model), model.refuses];
      expectThat(await real.start(name), !refused, 'A start');
      if (!refused) model.start(name);
    },
  ),
);

const cancel = fc.nat(20).map((number) =>
  command(
    'cancel',
    `cancel ${number}`,
    (model) => model.all().some(isOpen),
    async (model, real) => {
      const one = chosen(model.all().filter(isOpen), number);
      if (one === undefined) return;
      await real.cancel(one.name);
      model.cancel(one.name);
    },
  ),
);

const buildEnds = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()).map(([well, perhaps, live]) =>
  command(
    'build ends',
    `the build ends ${well || perhaps ? 'well' : 'badly'}${live ? '' : ', and what it made is broken'}`,
    (model) => model.owner !== undefined,
    async (model, real) => {
      if (model.owner === undefined) return;
      await real.buildEnds(model.owner, well || perhaps, live);
      model.buildEnds(well || perhaps, live);
    },
  ),
);

const rollback = fc.constant(
  command(
    'rollback',
    'roll back',
    (model) => model.active !== undefined,
    async (model, real) => {
      const { active = '', target } = model;
      const name = nextName(model);
      expectThat(await real.rollback(name, active), target !== undefined, 'A rollback');
      if (target !== undefined) model.rollback(name);
    },
  ),
);

const retry = fc.nat(20).map((number) =>
  command(
    'retry',
    `retry ${number}`,
    (model) => model.all().some(canRetry) && model.deployments.size < 12,
    async (model, real) => {
      const parent = chosen(model.all().filter(canRetry), number);
      if (parent === undefined) return;
      const [name, refused] = [nextName(model), model.refuses || model.isUnfit(parent)];
      expectThat(await real.retry(name, parent.name), !refused, 'A retry');
      if (!refused) model.start(name, parent);
    },
  ),
);

const approve = fc.nat(20).map((number) =>
  command(
    'approve',
    `approve ${number}`,
    (model) => model.all('asked').length > 0,
    async (model, real) => {
      const one = chosen(model.all('asked'), number);
      if (one === undefined) return;
      await real.approve(one.name);
      model.approve(one.name);
    },
  ),
);

const freeze = fc.constant(
  command(
    'freeze',
    'begin or end a freeze',
    () => true,
    async (model, real) => {
      await real.freeze(!model.frozen);
      model.freeze(!model.frozen);
    },
  ),
);

const policy = fc.constantFrom<Policy>('reject', 'queue', 'supersede').map((name) =>
  command(
    'policy',
    `${name} from now on`,
    (model) => model.policy !== name,
    async (model, real) => {
      await real.policy(name);
      model.policy = name;
    },
  ),
);

const pass = fc.integer({ min: 1, max: 1800 }).map((seconds) =>
  command(
    'pass',
    `${seconds} s pass`,
    () => true,
    (_, real) => real.passes(seconds * 1000),
  ),
);

/** More often what leads somewhere; what cannot be at the moment is passed over. */
export const ALL: fc.Arbitrary<Command>[] = [
  ...[start, start, start, start, approve, approve, approve, approve],
  ...[buildEnds, buildEnds, buildEnds, buildEnds, buildEnds, buildEnds],
  ...[rollback, rollback, rollback, retry, retry, cancel, freeze, policy, pass],
];
