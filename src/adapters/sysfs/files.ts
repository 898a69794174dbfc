import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Reading in sysfs. What is missing or cannot be read is null: devices come and go while they are looked at. */

/** An attribute is one page at most. */
const page = Buffer.alloc(4096);

/** The content of an attribute without its line end, null when there is none. */
export function readAttribute(directory: string, name: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(`${directory}/${name}`, 'r');
  } catch {
    return null;
  }
  try {
    return page.toString('utf8', 0, readSync(descriptor, page, 0, page.length, 0)).trim();
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/** Opens an attribute that is read again and again; null when there is none. */
export function openAttribute(directory: string, name: string): number | null {
  try {
    return openSync(`${directory}/${name}`, 'r');
  } catch {
    return null;
  }
}

/** What an open attribute says now, without its line end; null when it cannot be read, for one because its device is gone. */
export function readOpenAttribute(descriptor: number): string | null {
  try {
    return page.toString('latin1', 0, readSync(descriptor, page, 0, page.length, 0)).trim();
  } catch {
    return null;
  }
}

/** As `readAttribute`, for text that a device made up: control characters are dropped, the length is limited. */
export function readDeviceText(directory: string, name: string): string | null {
  const text = readAttribute(directory, name)?.replaceAll(/\p{C}/gu, '').slice(0, 126) ?? '';
  return text === '' ? null : text;
}

/** The directory a link leads to, null when there is none or it leads out of `root`. */
export function follow(root: string, path: string): string | null {
  try {
    const target = realpathSync.native(path);
    return target.startsWith(`${realpathSync.native(root)}/`) ? target : null;
  } catch {
    return null;
  }
}

/** The last component of what a link leads to: the name of a driver or a bus. */
export function linkedName(root: string, directory: string, name: string): string | null {
  const target = follow(root, join(directory, name));
  return target === null ? null : basename(target);
}

/** The directories from `directory` up to, not including, `root`. */
export function* ancestors(root: string, directory: string): Generator<string> {
  const top = follow(root, join(root, 'devices')) ?? root;
  for (let current = directory; current.startsWith(`${top}/`); current = dirname(current)) yield current;
}
