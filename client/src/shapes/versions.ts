import type * as z from 'zod/mini';
import type { createdVersion, VersionRow, VersionView } from '../../../shared/contracts/versions.ts';
import { dict, type Members, maybe, num, settings, shape, text } from '../shape.ts';

export type CreatedVersion = z.infer<typeof createdVersion>;
type Commit = NonNullable<VersionView['commit']>;

const row: Members<VersionRow> = {
  id: text(),
  projectId: text(),
  number: num(),
  source: settings(),
  state: text(),
  digest: maybe(text()),
  size: maybe(num()),
  files: maybe(num()),
  commit: maybe(shape<Commit>({ sha: text(), message: maybe(text()), author: maybe(text()) })),
  problem: maybe(text()),
  createdAt: text(),
  createdBy: text(),
  updatedAt: text(),
  revision: num(),
};
export const versionRow = shape<VersionRow>(row);

const view: Members<VersionView> = { ...row, configuration: settings() };
export const versionView = shape<VersionView>(view);

export const createdView = shape<CreatedVersion>({
  ...view,
  upload: maybe(
    shape<NonNullable<CreatedVersion['upload']>>({ url: text(), headers: dict(text()), expiresAt: text() }),
  ),
});
