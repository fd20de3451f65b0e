import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { StageFailed } from '../../shared/errors/deployments.ts';

const dependencies = z.optional(z.record(z.string(), z.unknown()));

/** Only what a build decides by; the rest of the file is the package manager's business. */
const packageJson = z.object({
  packageManager: z.optional(z.string()),
  scripts: z.optional(z.record(z.string(), z.unknown())),
  dependencies,
  devDependencies: dependencies,
});
export type PackageJson = z.infer<typeof packageJson>;

/**
 * @returns undefined where the folder has none
 * @throws StageFailed (INVALID_CONFIG) where it cannot be read
 */
export function readPackageJson(folder: string): PackageJson | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return packageJson.parse(JSON.parse(text));
  } catch (cause) {
    throw new StageFailed('INVALID_CONFIG', 'package.json is not a valid package description.', {
      cause,
      suggestion: 'Correct package.json; `npm pkg get` shows what is wrong with it.',
    });
  }
}

/** Whether the package names this dependency, of whatever kind. */
export function dependsOn(description: PackageJson, name: string): boolean {
  return name in (description.dependencies ?? {}) || name in (description.devDependencies ?? {});
}
