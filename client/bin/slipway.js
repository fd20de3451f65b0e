#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// In the repository the sources run as they are; the published package holds the built file.
const built = new URL('../dist/cli.js', import.meta.url);
await import(
  existsSync(fileURLToPath(built)) ? built.href : new URL('../src/cli/main.ts', import.meta.url).href
);
