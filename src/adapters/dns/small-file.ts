import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** More than any file about name servers has, in bytes. */
export const mostBytes = 65_536;

/**
 * The text of a small regular file, one character for each byte; null when there is none, it cannot be read, or it is
 * larger than such a file ever is. Links are followed; a pipe in the place keeps nobody waiting.
 */
export function readSmallFile(path: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > mostBytes) return null;
    const buffer = Buffer.alloc(mostBytes + 1);
    let length = 0;
    for (;;) {
      const got = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += got;
      if (length > mostBytes) return null;
      if (got === 0) return buffer.toString('latin1', 0, length);
    }
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}
