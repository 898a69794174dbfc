import { lstatSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { geteuid } from 'node:process';
import type { Problem } from '../../model/errors.ts';

/** The name of the directory, wherever it is. */
export const runtimeDirectoryName = 'hotspot';

/** All that may be in it: what is in it besides is somebody else's. */
const names = ['hostapd.conf', 'hostapd.psk', 'hostapd', 'dnsmasq.conf', 'hosts', 'servers', 'leases'] as const;

/** Files of the services while they run: in a directory that only root may enter, each of mode 0600, and gone at the end. */
export interface RuntimeFiles {
  readonly directory: string;
  pathOf(name: string): string;
  /** Replaces the file as a whole. */
  write(name: string, text: string): Problem | null;
  /** Empty where there is none. */
  read(name: string): string;
  remove(...names: readonly string[]): void;
}

export function createRuntimeFiles(directory: string): RuntimeFiles {
  const pathOf = (name: string): string => join(directory, name);
  return {
    directory,
    pathOf,
    write(name, text) {
      const path = pathOf(name);
      const temporary = `${path}.new`;
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        if (!isOwn(directory))
          return { code: 'state.unwritable', subject: directory, message: 'others may write there' };
        // Left behind by a crash, or put there by someone else: it is not opened but removed.
        rmSync(temporary, { force: true });
        writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
        renameSync(temporary, path);
        return null;
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
        return { code: 'state.unwritable', subject: path, message: `cannot be written (${code})` };
      }
    },
    read(name) {
      try {
        return readFileSync(pathOf(name), 'utf8');
      } catch {
        return '';
      }
    },
    remove(...names) {
      for (const name of names) rmSync(pathOf(name), { recursive: true, force: true });
    },
  };
}

/** Whether nobody else may exchange what is in it: the services do as root what their files say. */
function isOwn(directory: string): boolean {
  const found = lstatSync(directory);
  const { uid, mode } = found;
  return found.isDirectory() && uid === geteuid?.() && (mode & 0o022) === 0;
}

/** Removes the files with their directory; one that is none of these, or holds something else, is left alone. */
export function removeDirectory(directory: string): void {
  if (!isAbsolute(directory) || basename(directory) !== runtimeDirectoryName) return;
  try {
    if (!isOwn(directory)) return;
    for (const name of names) {
      rmSync(join(directory, name), { recursive: true, force: true });
      rmSync(join(directory, `${name}.new`), { force: true });
    }
    rmdirSync(directory);
  } catch {
    // It is gone, or something else is in it.
  }
}
