/** Values shorter than this are not masked: they would blot out half of every log and protect nothing. */
export const MIN_MASKED_LENGTH = 4;

/** All texts in which the values may show up in a log, each at least MIN_MASKED_LENGTH long, without repeats. */
export function formsOf(values: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const value of values) {
    for (const piece of piecesOf(value)) {
      for (const form of encodingsOf(piece)) forms.add(form);
    }
  }
  return [...forms].filter((form) => form.length >= MIN_MASKED_LENGTH);
}

/**
 * The value, without the white space around it (a file's last newline), without its line ends (the masker
 * reads past those), and each of its lines.
 */
function piecesOf(value: string): readonly string[] {
  const lines = value.split(/[\r\n]+/);
  const trimmed = lines.map((line) => line.trim());
  return [value, value.trim(), lines.join(''), ...trimmed].filter(
    (piece) => piece.length >= MIN_MASKED_LENGTH,
  );
}

function encodingsOf(value: string): readonly string[] {
  return [
    value,
    ...base64Forms(value),
    ...hexForms(value),
    ...uriForms(value),
    ...jsonForms(value),
    ...shellForms(value),
    ...markupForms(value),
  ];
}

/**
 * Base64 of a text that contains the value begins at one of three offsets against its groups of three bytes.
 * The characters at the edges that also depend on the neighbours are left out; where the value ends the
 * text, its last character is known and belongs to it.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const forms = [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const own = whole.slice(offset === 0 ? 0 : offset + 1);
    const endsInsideGroup = (offset + bytes.length) % 3 !== 0;
    return endsInsideGroup ? [own, own.slice(0, -1)] : [own];
  });
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

function hexForms(value: string): readonly string[] {
  const hex = Buffer.from(value, 'utf8').toString('hex');
  return [hex, hex.toUpperCase()];
}

/** As a component, by the stricter RFC 3986, as a form field; the hex digits of the escapes in either case. */
function uriForms(value: string): readonly string[] {
  const component = encodeURIComponent(value.toWellFormed());
  const strict = component.replace(/[!'()*]/g, percentEncoded);
  const forms = [component, strict, strict.replaceAll('%20', '+'), encodeURI(value.toWellFormed())];
  const lowerCase = (form: string) => form.replace(/%[0-9A-F]{2}/g, (triplet) => triplet.toLowerCase());
  return [...forms, ...forms.map(lowerCase)];
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Inside a JSON string, inside a JSON string inside a JSON string, and as Python and Go write them. */
function jsonForms(value: string): readonly string[] {
  const once = insideJson(value);
  const asciiOnly = once.replace(/[\u007f-\uffff]/g, unicodeEscape);
  const forHtml = once.replace(/[<>&]/g, unicodeEscape);
  return [once, insideJson(once), asciiOnly, insideJson(asciiOnly), forHtml];
}

function insideJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Inside single quotes in the two usual ways, inside double quotes, and bare as `printf %q` writes it. */
function shellForms(value: string): readonly string[] {
  return [
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    value.replace(/[$`"\\!]/g, '\\$&'),
    value.replace(/[^\w./:=@%+,-]/g, '\\$&'),
  ];
}

function markupForms(value: string): readonly string[] {
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attribute = text.replaceAll('"', '&quot;');
  const apostrophes = ['&apos;', '&#39;', '&#x27;'];
  return [text, attribute, ...apostrophes.map((entity) => attribute.replaceAll("'", entity))];
}
