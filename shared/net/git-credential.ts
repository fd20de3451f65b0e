/** What git servers take as a user name where the password is a token and says who it is. */
const TOKEN_USER = 'x-access-token';

/**
 * User and password of HTTP basic authentication for a repository's credential: a bare token, or
 * `user:token` for hosts that want to know the user (Bitbucket's `x-token-auth:...`).
 */
export function basicAuthOf(credential: string): { readonly user: string; readonly password: string } {
  const [, user, password] = /^([^:\s]+):(.+)$/s.exec(credential) ?? [];
  return user === undefined || password === undefined
    ? { user: TOKEN_USER, password: credential }
    : { user, password };
}

/** The Authorization header for a repository's credential. */
export function authorizationOf(credential: string): string {
  const { user, password } = basicAuthOf(credential);
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
