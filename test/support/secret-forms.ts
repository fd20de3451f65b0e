/**
 * A secret in the ways in which programs write one, by name. Runs in builds too, as the text of itself: it uses nothing
 * from outside.
 */
export function secretForms(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret);
  const base64 = (before: string) => Buffer.from(before + secret).toString('base64');
  const letters = [...secret];
  const pieces = (size: number) =>
    Array.from({ length: Math.ceil(letters.length / size) }, (_, i) =>
      letters.slice(i * size, (i + 1) * size).join(''),
    );
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return {
    plain: secret,
    'base64, first offset': base64(''),
    'base64, second offset': base64('a'),
    'base64, third offset': base64('ab'),
    base64url: bytes.toString('base64url'),
    'wrapped base64': base64('').replace(/.{20}/g, '$&\n'),
    hex: bytes.toString('hex'),
    'upper-case hex': bytes.toString('hex').toUpperCase(),
    uri: encodeURIComponent(secret),
    json: JSON.stringify({ secret }),
    'double json': JSON.stringify(JSON.stringify({ secret })),
    'single quotes of a shell': `'${secret.replaceAll("'", "'\\''")}'`,
    'double quotes of a shell': `"${secret.replace(/["\\$\x60]/g, '\\$&')}"`,
    xml: secret.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter),
    'split by colours': pieces(4).join('\u001b[1;32m'),
    'split by lines': pieces(16).join('\n'),
  };
}
