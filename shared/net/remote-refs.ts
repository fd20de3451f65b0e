import { NotARepository, RemoteAuthFailed, RemoteFailed } from '../errors/source.ts';
import { authorizationOf } from './git-credential.ts';
import type { GuardedFetch, GuardedResponse } from './guarded-fetch.ts';
import { parsePackets, pktLine } from './pkt-line.ts';
import { type RemoteRefs, readAdvertisedRefs, readListedRefs } from './ref-lists.ts';

export interface RemoteAddress {
  readonly href: string;
  readonly credential?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A remote after its greeting. */
export interface Remote {
  /** Refs whose full name starts with one of the prefixes; an old server sends all it has. */
  refs(prefixes: readonly string[]): Promise<RemoteRefs>;
}

/** One request's share of time, and the largest list that is read: about 200,000 names. */
const LIMITS = { timeoutMs: 10_000, maxBytes: 16 * 1024 * 1024 };
const GREETING = '/info/refs?service=git-upload-pack';

/**
 * Greets an http(s) remote by git's smart protocol, version 2, and understands 0 and 1 of old servers.
 * @throws NotARepository, RemoteAuthFailed, RemoteFailed, and what the guarded fetch throws
 */
export async function openRemote(address: RemoteAddress, fetch: GuardedFetch): Promise<Remote> {
  const common = {
    headers: headersFor(address),
    ...LIMITS,
    ...(address.signal && { signal: address.signal }),
  };
  const greeting = await fetch({ ...common, url: address.href.replace(/\/+$/, '') + GREETING });
  const host = new URL(greeting.url).host;
  checkStatus(greeting, host, address.credential !== undefined);
  const lines = linesOf(greeting, 'advertisement', host).filter((line) => !line.startsWith('# service='));
  if (lines[0] !== 'version 2') {
    const refs = inForm(readAdvertisedRefs(lines), host);
    return { refs: async () => refs };
  }
  const objectFormat = lines.find((line) => line.startsWith('object-format='));
  return {
    refs: async (prefixes) => {
      const answer = await fetch({
        ...common,
        // A renamed repository redirects its greeting; what follows goes where the greeting came from.
        url: `${greeting.url.slice(0, -GREETING.length)}/git-upload-pack`,
        method: 'POST',
        headers: { ...common.headers, 'content-type': 'application/x-git-upload-pack-request' },
        body: lsRefsCommand(prefixes, objectFormat),
      });
      checkStatus(answer, host, address.credential !== undefined);
      return inForm(readListedRefs(linesOf(answer, 'result', host)), host);
    },
  };
}

function headersFor({ credential }: RemoteAddress): Readonly<Record<string, string>> {
  const version = { 'git-protocol': 'version=2' };
  return credential === undefined ? version : { ...version, authorization: authorizationOf(credential) };
}

function lsRefsCommand(prefixes: readonly string[], objectFormat: string | undefined): string {
  const capabilities = ['command=ls-refs', ...(objectFormat === undefined ? [] : [objectFormat])];
  const options = ['peel', 'symrefs', ...prefixes.map((prefix) => `ref-prefix ${prefix}`)];
  return `${capabilities.map(pktLine).join('')}0001${options.map(pktLine).join('')}0000`;
}

/** 203 is how Azure DevOps answers with its sign-in page. */
const authStatuses: ReadonlySet<number> = new Set([401, 403, 203]);

function checkStatus({ status }: GuardedResponse, host: string, hadCredential: boolean): void {
  if (authStatuses.has(status)) throw new RemoteAuthFailed(host, hadCredential, status);
  if (status === 429 || status >= 500) throw new RemoteFailed(host, `answered with HTTP ${status}`);
  if (status !== 200) throw new NotARepository(host, { facts: { status } });
}

/** The lines of a whole git answer; one that does not end with a separator was cut off. */
function linesOf(
  { headers, body }: GuardedResponse,
  kind: 'advertisement' | 'result',
  host: string,
): string[] {
  if (!headers['content-type']?.startsWith(`application/x-git-upload-pack-${kind}`)) {
    throw new NotARepository(host);
  }
  const packets = inForm(parsePackets(body), host);
  const lines = packets.flatMap((packet) => ('text' in packet ? [packet.text] : []));
  if (lines.some((line) => line.startsWith('ERR '))) throw new RemoteFailed(host, 'refused the request');
  const last = packets.at(-1);
  if (last === undefined || 'text' in last) throw brokenProtocol(host);
  return lines;
}

function inForm<T>(value: T | null, host: string): T {
  if (value === null) throw brokenProtocol(host);
  return value;
}

function brokenProtocol(host: string): RemoteFailed {
  return new RemoteFailed(host, 'answered with something that is not the git protocol, or with a part of it');
}
