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
  const file = join(home, 'ports.json');
  const ports = await readPorts(file);
  const port = await preferPort(ports[name]);
  if (port !== ports[name]) await writeFile(file, JSON.stringify({ ...ports, [name]: port }));
  return port;
}

async function readPorts(file: string): Promise<Record<string, number>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
