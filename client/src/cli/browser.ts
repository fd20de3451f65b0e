import { spawn } from 'node:child_process';

interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

/** The program that shows an address to whoever sits here; undefined where nobody could see it. */
export function openerOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Opener | undefined {
  const chosen = env['BROWSER'];
  if (chosen) return { command: chosen, args: [] };
  if (platform === 'darwin') return { command: 'open', args: [] };
  // Not `start`: a shell would read the address.
  if (platform === 'win32') return { command: 'rundll32', args: ['url.dll,FileProtocolHandler'] };
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? { command: 'xdg-open', args: [] } : undefined;
}

/** Starts it and leaves it running; false where it could not be started. */
export function openInBrowser(url: string, { command, args }: Opener): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
