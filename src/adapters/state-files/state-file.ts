import { closeSync, constants, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Problem } from '../../model/errors.ts';

/** What a state file holds, and how it is recognised. */
export interface StateFileFormat<T> {
  /** The file's name in the state directory: `settings.json`. */
  readonly name: string;
  /** Raised when older programs could misread the file. Only this version is read. */
  readonly version: number;
  /** Checks what was read; undefined when it is not what this version writes. */
  readonly parse: (data: unknown) => T | undefined;
}

/** One JSON file of lasting state. Nothing here throws; what goes wrong is a problem. */
export interface StateFile<T> {
  /** The last written value; null where there is none. A damaged file is set aside and reported. */
  read(): { readonly value: T | null; readonly problems: readonly Problem[] };
  /** Replaces the file as a whole, on disk when this returns. The problem when that could not be done. */
  write(value: T): Problem | null;
  /** The same, off the event loop. To be waited for before anything else is written. */
  writeLater(value: T): Promise<Problem | null>;
}

/** No state file comes near this; a larger one is damaged. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Opens a state file: mode 0600, in a directory of mode 0700 that is made when it is missing.
 *
 * A file that cannot be understood is renamed to `NAME.damaged-<n>` and never overwritten: it may be the only record
 * of what has to be put back. Where it cannot be set aside, nothing is written either.
 */
export function openStateFile<T>(directory: string, format: StateFileFormat<T>): StateFile<T> {
  const path = join(directory, format.name);
  /** A damaged file still stands in the place, so nothing may be written over it. */
  let obstacle: Problem | null = null;
  const textOf = (data: T): string => `${JSON.stringify({ format: format.name, version: format.version, data })}\n`;

  function setAside(why: string): Problem[] {
    const target = freePlace(path);
    const damaged: Problem = { code: 'state.damaged', subject: path, message: why };
    try {
      renameSync(path, target);
      obstacle = null;
      return [{ ...damaged, remedy: `it was set aside as ${target} and is not used` }];
    } catch (error) {
      obstacle = unwritable(path, error);
      return [{ ...damaged, remedy: 'move it away: until then nothing is written there' }, obstacle];
    }
  }

  return {
    read() {
      const text = readText(path);
      if (text === null) return { value: null, problems: [] };
      if ('why' in text) return { value: null, problems: setAside(text.why) };
      const content = understand(text.text, format);
      if ('why' in content) return { value: null, problems: setAside(content.why) };
      return { value: content.value, problems: [] };
    },
    write(value) {
      if (obstacle !== null) return obstacle;
      try {
        makeDirectory(directory);
        replace(directory, path, textOf(value));
        return null;
      } catch (error) {
        return unwritable(path, error);
      }
    },
    async writeLater(value) {
      if (obstacle !== null) return obstacle;
      try {
        makeDirectory(directory);
        await replaceLater(directory, path, textOf(value));
        return null;
      } catch (error) {
        return unwritable(path, error);
      }
    },
  };
}

function readText(path: string): { readonly text: string } | { readonly why: string } | null {
  let descriptor: number;
  try {
    // A symbolic link here is nobody's doing but an intruder's.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : { why: `cannot be read (${codeOf(error)})` };
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return { why: 'is no regular file' };
    if (status.size > maxBytes) return { why: `is ${status.size} bytes long; at most ${maxBytes} are expected` };
    return { text: readFileSync(descriptor, 'utf8') };
  } catch (error) {
    return { why: `cannot be read (${codeOf(error)})` };
  } finally {
    closeSync(descriptor);
  }
}

function understand<T>(text: string, format: StateFileFormat<T>): { readonly value: T } | { readonly why: string } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { why: `is damaged: ${text.length} characters that are no JSON` };
  }
  if (typeof content !== 'object' || content === null || !('format' in content) || content.format !== format.name) {
    return { why: `is damaged: it does not say that it is ${format.name}` };
  }
  if (!('version' in content) || content.version !== format.version) {
    const version = 'version' in content ? JSON.stringify(content.version) : 'no';
    return { why: `has version ${version}; this program reads version ${format.version}` };
  }
  const value = 'data' in content ? format.parse(content.data) : undefined;
  return value === undefined ? { why: 'is damaged: its content is not what belongs there' } : { value };
}

/** Step by step: asked for all at once, Node says ENOENT of a file system that is read-only. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

/** Write, sync, rename, sync the directory: after a power cut there is the old file or the new one, and no third. */
function replace(directory: string, path: string, text: string): void {
  const temporary = `${path}.new`;
  // Left behind by a crash, or put there by someone else: it is not opened but removed.
  rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function replaceLater(directory: string, path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const holder = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await holder.sync();
  } finally {
    await holder.close();
  }
}

function freePlace(path: string): string {
  let number = 1;
  while (existsSync(`${path}.damaged-${number}`)) number += 1;
  return `${path}.damaged-${number}`;
}

const unwritable = (path: string, error: unknown): Problem => ({
  code: 'state.unwritable',
  subject: path,
  message: `cannot be written (${codeOf(error)})`,
  remedy: 'give the state directory a writable place with free space, or name another one with --state-dir',
});

/** The kernel's word for it: `ENOSPC`, `EROFS`, `EACCES` … */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
