import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { runLogged, type WorkContext } from './context.ts';
import type { PackageManager } from './package-manager.ts';

/**
 * Fetches a program from the npm registry into the job's own folder, so that no build can leave another
 * build a changed one. The registry, its certificates and the download cache are those of every build.
 * @returns the folder to put into the search path
 * @throws StageFailed (BUILD_FAILED) where the registry does not have it
 */
async function provideTool(
  context: WorkContext,
  tool: { readonly package: string; readonly version: string },
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const spec = `${tool.package}@${tool.version}`;
  const prefix = join(context.workspace.home, '.tools', tool.package.replaceAll('/', '-'));
  context.log.info(`Fetching ${spec}`);
  const args = [
    'install',
    '--prefix',
    prefix,
    '--no-save',
    '--no-package-lock',
    '--loglevel=error',
    '--',
    spec,
  ];
  const exit = await runLogged(context, {
    program: 'npm',
    args,
    cwd: context.workspace.home,
    env,
    user: context.settings.buildUser,
  });
  if (exit.code === 0) return join(prefix, 'node_modules', '.bin');
  throw new StageFailed('BUILD_FAILED', `${spec} could not be fetched (npm ended with ${exit.code}).`, {
    exitCode: exit.code,
    suggestion: 'Check that this version exists, and that the runner reaches its npm registry.',
  });
}

/** Makes sure that the package manager can be called by its name. */
export async function withPackageManager(
  context: WorkContext,
  manager: PackageManager,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (manager.provide === undefined) return env;
  if (manager.anyVersion && isInPath(manager.name, env['PATH'] ?? '')) return env;
  return withPath(env, await provideTool(context, manager.provide, env));
}

/** npm has Node itself as a package per platform, the program in `bin`. */
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const nodeVersionForm = /^v?(\d{1,3}(?:\.\d{1,3}){0,2})(?:\.x)?$/;

/**
 * Gives the build the Node it asks for; the runner's own where that is the one.
 * @throws StageFailed (INVALID_CONFIG) for a version that is not one
 */
export async function withNode(
  context: WorkContext,
  nodeVersion: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (nodeVersion === undefined) return env;
  const version = nodeVersionForm.exec(nodeVersion)?.[1];
  if (version === undefined) {
    throw new StageFailed('INVALID_CONFIG', `"${nodeVersion}" is not a version of Node.`, {
      suggestion: 'Give a version like 24, 22.12 or 20.11.1.',
    });
  }
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return env;
  const bin = await provideTool(context, { package: nodePackage, version }, env);
  return withPath(env, join(bin, '..', nodePackage, 'bin'));
}

function withPath(env: Readonly<Record<string, string>>, folder: string): Readonly<Record<string, string>> {
  return { ...env, PATH: [folder, env['PATH']].join(delimiter) };
}

function isInPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => existsSync(join(folder, program)));
}
