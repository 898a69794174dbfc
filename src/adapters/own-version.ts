import { readFileSync } from 'node:fs';

/** Put in when the bundle is made; in the sources there is none. */
declare const BACKHAULD_VERSION: string | undefined;

/** The version of backhauld: wherever the bundle lies, it knows its own; the sources have it in package.json. */
export function ownVersion(): string {
  if (typeof BACKHAULD_VERSION === 'string') return BACKHAULD_VERSION;
  const read: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : 'unknown';
}
