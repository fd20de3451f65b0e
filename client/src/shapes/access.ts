import type * as z from 'zod/mini';
import type { createdRunner, createdToken, RunnerView, TokenView } from '../../../shared/contracts/tokens.ts';
import { list, type Members, maybe, settings, shape, text } from '../shape.ts';

export type CreatedToken = z.infer<typeof createdToken>;
export type CreatedRunner = z.infer<typeof createdRunner>;

const shownOnce = { token: maybe(text()), notice: maybe(text()) };

const token: Members<TokenView> = {
  id: text(),
  kind: text(),
  name: text(),
  subject: text(),
  grants: list(settings<TokenView['grants'][number]>()),
  groups: list(text()),
  expiresAt: maybe(text()),
  createdAt: text(),
  createdBy: text(),
  runner: maybe(shape<NonNullable<TokenView['runner']>>({ id: text(), label: maybe(text()) })),
};
export const tokenView = shape<TokenView>(token);
export const createdTokenView = shape<CreatedToken>({ ...token, ...shownOnce });

type Served = NonNullable<RunnerView['serves']>;
const runner: Members<RunnerView> = {
  id: text(),
  name: text(),
  label: maybe(text()),
  serves: maybe(list<Served>(shape<Served[number]>({ projectId: text(), environment: maybe(text()) }))),
  tokenId: text(),
  lastSeen: maybe(text()),
  createdAt: text(),
  createdBy: text(),
};
export const runnerView = shape<RunnerView>(runner);
export const createdRunnerView = shape<CreatedRunner>({ ...runner, ...shownOnce });
