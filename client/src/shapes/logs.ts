import type { LogLineView, LogPage, PurgeAnswer } from '../../../shared/contracts/logs.ts';
import { list, type Members, maybe, num, shape, text } from '../shape.ts';

const line: Members<LogLineView> = {
  n: num(),
  at: text(),
  level: text(),
  step: text(),
  source: text(),
  message: text(),
  digest: maybe(text()),
};
export const logLine = shape<LogLineView>(line);

type Item = LogPage['items'][number];
type Hit = NonNullable<Item['hits']>[number];
const span = shape<Hit>({ from: num(), to: num() });

export const logPage = shape<LogPage>({
  items: list(shape<Item>({ ...line, hits: maybe(list<Hit[]>(span)) })),
  nextCursor: maybe(text()),
  previousCursor: maybe(text()),
  scanned: maybe(span),
  end: maybe(shape<NonNullable<LogPage['end']>>({ lines: num(), hash: text() })),
});

export const purgeAnswer = shape<PurgeAnswer>({
  deploymentId: text(),
  from: num(),
  to: num(),
  reason: text(),
  by: text(),
  at: text(),
  doneAt: maybe(text()),
  checkedAt: maybe(text()),
});
