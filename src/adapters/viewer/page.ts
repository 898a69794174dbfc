import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

import { BackhaulError } from '../../model/errors.ts';

/** What a page is opened with. */
export type PageSource =
  /** Nothing: the charts alone. */
  | null
  | { readonly kind: 'live'; readonly name: string }
  | {
      readonly kind: 'recording';
      readonly name: string;
      /** Steps that changed nothing and were left out. */
      readonly omitted: number;
      /** Lines of packed items, compressed by gzip, as base64. */
      readonly packed: string;
    };

const place = '<script type="application/json" id="opened-with">null</script>';

/** The page with what it is opened with inside. */
export function pageWith(markup: string, source: PageSource): string {
  // Nothing within a script may look like its end.
  const json = JSON.stringify(source).replaceAll('<', String.raw`\u003c`);
  return markup.replace(place, () => place.replace('null', () => json));
}

/** The policy that stands in the page, to be sent as a header too. */
export function policyIn(markup: string): string {
  return /http-equiv="content-security-policy"\s+content="([^"]*)"/u.exec(markup)?.[1] ?? "default-src 'none'";
}

/**
 * The page as the build made it.
 *
 * @throws BackhaulError `tool.missing` when it has not.
 */
export async function builtPage(): Promise<string> {
  const ownPackage = findPackageJSON(import.meta.url);
  const file = join(ownPackage === undefined ? '.' : dirname(ownPackage), 'dist/viewer.html');
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new BackhaulError({
      code: 'tool.missing',
      subject: file,
      message: 'the page is not there',
      remedy: 'build it with "npm run build"',
    });
  }
}
