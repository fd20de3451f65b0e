import type { LogPage } from '../../shared/contracts/logs.ts';
import { oneLine } from '../../shared/domain/log-text.ts';
import type { Reply } from '../http/route.ts';

export type Format = 'json' | 'ndjson' | 'text';

const FORMATS: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/plain': 'text',
};

/** The first of the types a client accepts that there is; JSON for everybody else. */
export function wantedFormat(accept = ''): Format {
  for (const type of accept.split(',')) {
    const format = FORMATS[type.split(';', 1)[0]?.trim().toLowerCase() ?? ''];
    if (format !== undefined) return format;
  }
  return 'json';
}

const CONTENT_TYPE = { ndjson: 'application/x-ndjson', text: 'text/plain; charset=utf-8' } as const;

/** Without the page around them, the cursors stand in headers. */
export function rawReply(page: LogPage, format: Exclude<Format, 'json'>): Reply {
  const asText = (line: LogPage['items'][number]) =>
    format === 'text' ? oneLine(line.message) : JSON.stringify(line);
  return {
    status: 200,
    headers: {
      ...(page.nextCursor === undefined ? {} : { 'slipway-next-cursor': page.nextCursor }),
      ...(page.previousCursor === undefined ? {} : { 'slipway-previous-cursor': page.previousCursor }),
    },
    tagged: {},
    raw: {
      contentType: CONTENT_TYPE[format],
      content: page.items.map((line) => `${asText(line)}\n`).join(''),
    },
  };
}
