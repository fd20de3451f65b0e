import { contentType as typeOfExtension } from 'mime-types';
import { extensionOf, typeWithoutExtension, UNKNOWN_TYPE } from './content.ts';

/** The content type of a file by its path. Brings a large table along, so import it where a type has to be looked up. */
export function contentType(path: string): string {
  // A name such as `.htaccess` is all extension; mime-types answers false for what it does not know.
  return typeWithoutExtension(path) ?? (typeOfExtension(extensionOf(path)) || UNKNOWN_TYPE);
}
