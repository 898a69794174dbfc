/** Looks at small files that others write. What is missing, or may not be read, is nothing: processes come and go. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A small file's text without blanks at its ends; null where it cannot be read. */
export const textAt = (...parts: readonly string[]): string | null =>
  attempt(() => readFileSync(join(...parts), 'utf8').trim());

/** Names in a folder; none where it cannot be read. */
export const namesIn = (...parts: readonly string[]): readonly string[] =>
  attempt(() => readdirSync(join(...parts))) ?? [];

/** What a symbolic link says, as it is written; null where there is none. */
export const linkAt = (...parts: readonly string[]): string | null => attempt(() => readlinkSync(join(...parts)));

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
