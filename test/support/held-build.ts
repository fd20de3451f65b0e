import { listen } from './http-server.ts';

/** A place in a build where it waits until the test says that it may go on, however long that takes. */
export interface HeldBuild extends AsyncDisposable {
  /** For a shell; returns once `release` was called. */
  readonly wait: string;
  /** Resolves when a build has come there. */
  readonly reached: Promise<void>;
  release(): void;
}

/** A build that takes "long enough" takes too long on one machine and not long enough on another. */
export async function heldBuild(): Promise<HeldBuild> {
  const reached = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const server = await listen((_, response) => {
    reached.resolve();
    void held.promise.then(() => response.end('go on'));
  });
  return {
    wait: `node -e "fetch('http://${server.host}/').then((answer) => answer.text())"`,
    reached: reached.promise,
    release: () => held.resolve(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
