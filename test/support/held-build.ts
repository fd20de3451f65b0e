import { listen } from './http-server.ts';

/** A place in a build where it waits until the test says that it may go on, however long that takes. */
export interface HeldBuild extends AsyncDisposable {
  /** For a shell; returns once `release` was called. */
  readonly wait: string;
  release(): void;
}

/** A build that takes "long enough" takes too long on one machine and not long enough on another. */
export async function heldBuild(): Promise<HeldBuild> {
  const held = Promise.withResolvers<void>();
  const server = await listen((_, response) => void held.promise.then(() => response.end('go on')));
  return {
    wait: `node -e "fetch('http://${server.host}/').then((answer) => answer.text())"`,
    release: () => held.resolve(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
