import { Logger } from '@aws-lambda-powertools/logger';

/** What a log line is about; stands on every line of the logger that `with` returned. */
export interface LogKeys {
  readonly correlationId?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  /** Hash of the commit that is deployed, once it is known. */
  readonly commit?: string | undefined;
  readonly actor?: string | undefined;
  readonly route?: string | undefined;
}

type Facts = Readonly<Record<string, unknown>>;

/** Structured JSON lines of the service itself (not of a deployment). Never given a secret. */
export interface Log {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  /** `facts.error` is written whole, with its stack and its causes. */
  error(message: string, facts?: Facts & { readonly error?: unknown }): void;
  /** A logger whose lines carry these keys as well; given as a function, those that are known when a line is written. */
  with(keys: LogKeys | (() => LogKeys)): Log;
}

export interface LogSettings {
  readonly service: string;
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

/** The one place that makes a logger. */
export function createLog(settings: LogSettings): Log {
  return wrap(new Logger({ serviceName: settings.service, logLevel: settings.level }));
}

function wrap(logger: Logger, later: () => LogKeys = () => ({})): Log {
  const all = (facts: Facts = {}) => ({ ...later(), ...facts });
  return {
    debug: (message, facts) => logger.debug(message, all(facts)),
    info: (message, facts) => logger.info(message, all(facts)),
    warn: (message, facts) => logger.warn(message, all(facts)),
    error: (message, facts) =>
      logger.error(
        message,
        all(facts?.error === undefined ? facts : { ...facts, error: asError(facts.error) }),
      ),
    with: (keys) => {
      if (typeof keys === 'function') return wrap(logger, () => ({ ...later(), ...keys() }));
      const child = logger.createChild();
      child.appendKeys({ ...keys });
      return wrap(child, later);
    },
  };
}

/** Powertools writes the stack and the causes of an Error only. */
const asError = (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown)));
