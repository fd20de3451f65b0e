import { type ErrorDetails, SlipwayError } from './base.ts';

/** What is wrong with the address of a git repository; each has its sentence below. */
export type SourceUrlFault =
  | 'empty'
  | 'too-long'
  | 'characters'
  | 'option'
  | 'transport'
  | 'malformed'
  | 'scheme'
  | 'credentials'
  | 'host'
  | 'path'
  | 'query';

const sourceUrlFaults: Readonly<Record<SourceUrlFault, string>> = {
  empty: 'is empty',
  'too-long': 'is longer than 2,048 characters',
  characters: 'holds white space, control characters or backslashes',
  option: 'starts with a hyphen, which git would read as an option',
  transport: 'names a transport helper (name::address), which can run commands',
  malformed: 'is neither a URL nor of the form user@host:path',
  scheme: 'has a scheme that is not allowed here',
  credentials: 'holds a password, or a user name where only ssh may have one',
  host: 'has no usable host name',
  path: 'has no path to a repository, or one that leaves its folder',
  query: 'has a query or a fragment',
};

const sourceUrlSuggestions: Readonly<Partial<Record<SourceUrlFault, string>>> = {
  malformed:
    'Write https://host/path or user@host:path; a folder of the runner is file:///path, where its own configuration allows it.',
  scheme: 'Use https or ssh; http, git and file work only where the runner’s own configuration allows them.',
  credentials: 'Put the token into a sensitive variable and name it as the credential of the repository.',
  query: 'Take off what follows ? or #; a branch or tag is named when a deployment starts.',
};

/** The address of a repository that must not reach git. The message never repeats the address. */
export class InvalidSourceUrl extends SlipwayError {
  readonly code = 'INVALID_CONFIG';
  readonly fault = 'caller';
  readonly retryable = false;
  readonly reason: SourceUrlFault;

  constructor(reason: SourceUrlFault) {
    super(`The repository address ${sourceUrlFaults[reason]}.`, {
      suggestion: sourceUrlSuggestions[reason] ?? 'Give an https:// or ssh:// address, or user@host:path.',
      facts: { reason },
    });
    this.reason = reason;
  }
}

export type GitRefFault =
  | 'empty'
  | 'too-long'
  | 'characters'
  | 'option'
  | 'form'
  | 'short-commit'
  | 'not-a-commit';

const gitRefFaults: Readonly<Record<GitRefFault, string>> = {
  empty: 'is empty',
  'too-long': 'is longer than 255 characters',
  characters: 'holds white space, control characters or one of ~ ^ : ? * [ \\',
  option: 'starts with a hyphen, which git would read as an option',
  form: 'is not a name that git allows for a branch or tag',
  'short-commit': 'is a shortened commit id; the whole one of 40 or 64 hex digits is needed',
  'not-a-commit': 'is not a commit id of 40 or 64 hex digits',
};

/** A branch, tag or commit that git would not take, or would take for something else. */
export class InvalidGitRef extends SlipwayError {
  readonly code = 'INVALID_SOURCE_REF';
  readonly fault = 'caller';
  readonly retryable = false;
  readonly reason: GitRefFault;

  constructor(reason: GitRefFault) {
    super(`The ref ${gitRefFaults[reason]}.`, {
      suggestion: 'Give a branch, a tag or a full commit id.',
      facts: { reason },
    });
    this.reason = reason;
  }
}

/** The remote wants other credentials, or any. */
export class RemoteAuthFailed extends SlipwayError {
  readonly code = 'AUTH_FAILED';
  readonly fault = 'caller';
  readonly retryable = false;

  constructor(host: string, hadCredential: boolean, status: number) {
    super(
      hadCredential
        ? `${host} refused the repository's credential (HTTP ${status}).`
        : `${host} wants a credential for this repository, or the repository does not exist (HTTP ${status}).`,
      {
        suggestion: hadCredential
          ? 'Renew the token in the sensitive variable that the repository names, with read access to its contents.'
          : 'Check the address, or store a token in a sensitive variable and name it as the credential.',
        facts: { host, status },
      },
    );
  }
}

/** The host answers, but not with a git repository at this address. */
export class NotARepository extends SlipwayError {
  readonly code = 'INVALID_CONFIG';
  readonly fault = 'caller';
  readonly retryable = false;

  constructor(host: string, details: ErrorDetails = {}) {
    super(`${host} has no git repository at this address.`, {
      suggestion: 'Check the address of the repository; a private one also needs a credential.',
      ...details,
      facts: { host, ...details.facts },
    });
  }
}

/** The host speaks git, but answered with a failure of its own or with something that breaks the protocol. */
export class RemoteFailed extends SlipwayError {
  readonly code = 'PLATFORM_UNAVAILABLE';
  readonly fault = 'platform';
  readonly retryable = true;

  constructor(host: string, what: string, details: ErrorDetails = {}) {
    super(`The git server ${host} ${what}.`, {
      suggestion: 'Try again later; if it stays, look at the status of the git server.',
      ...details,
      facts: { host, ...details.facts },
    });
  }
}
