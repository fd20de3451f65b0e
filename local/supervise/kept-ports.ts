import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { preferPort } from './ports.ts';

const kept = z.record(z.string(), z.int().min(1).max(65_535));

/**
 * A port under a name that stays the same from run to run where it is still free: addresses of the API and of
 * sites stand in records, in shells and in browser tabs.
 */
export async function keptPort(home: string, name: string): Promise<number> {
  const ports = await readPorts(fileOf(home));
  const port = await preferPort(ports[name]);
  if (port !== ports[name]) await keepPort(home, name, port);
  return port;
}

/** Makes this the port of that name from now on. */
export async function keepPort(home: string, name: string, port: number): Promise<void> {
  const ports = await readPorts(fileOf(home));
  await writeFile(fileOf(home), JSON.stringify({ ...ports, [name]: port }));
}

const fileOf = (home: string) => join(home, 'ports.json');

async function readPorts(file: string): Promise<Record<string, number>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
