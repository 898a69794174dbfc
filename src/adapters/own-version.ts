import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of backhauld: that of the nearest package.json above this file, in the sources as in the bundle. */
export function ownVersion(): string {
  const file = findPackageJSON(import.meta.url);
  const read: unknown = file === undefined ? null : JSON.parse(readFileSync(file, 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : 'unknown';
}
