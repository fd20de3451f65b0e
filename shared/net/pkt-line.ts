/** One packet of git's wire format: text without its last newline, or one of the separators. */
export type Packet = { readonly text: string } | { readonly mark: 'flush' | 'delimiter' | 'end' };

const marks = { '0000': 'flush', '0001': 'delimiter', '0002': 'end' } as const;

/** Frames one line: four hex digits of length (themselves counted), then the line. */
export function pktLine(text: string): string {
  const length = Buffer.byteLength(text) + 5;
  return `${length.toString(16).padStart(4, '0')}${text}\n`;
}

/**
 * Takes a whole body apart. Null where anything is out of form: a truncated list must not pass for a short one.
 */
export function parsePackets(body: Buffer): readonly Packet[] | null {
  const packets: Packet[] = [];
  for (let at = 0; at < body.length; ) {
    const header = body.toString('latin1', at, at + 4);
    if (header === '0000' || header === '0001' || header === '0002') {
      packets.push({ mark: marks[header] });
      at += 4;
      continue;
    }
    const length = /^[0-9a-f]{4}$/i.test(header) ? Number.parseInt(header, 16) : 0;
    if (length < 4 || at + length > body.length) return null;
    packets.push({ text: body.toString('utf8', at + 4, at + length).replace(/\n$/, '') });
    at += length;
  }
  return packets;
}
