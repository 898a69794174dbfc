import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

import type { KernelState } from '../../model/kernel.ts';
import type { KernelDriver } from '../netlink/driver.ts';

/** The kernel's network as it was found. */
export interface KernelView {
  readonly driver: KernelDriver;
  readonly state: KernelState;
}

/** What the doctor looks at: the roots of the file systems, the kernel and tools; other ones in tests. */
export interface Surroundings {
  readonly proc: string;
  readonly sys: string;
  readonly etc: string;
  readonly run: string;
  readonly usr: string;
  /** Folders with programs, separated as in PATH. */
  readonly path: string;
  /** Groups of this process. */
  readonly groups: readonly number[];
  /** Reads the kernel once; throws a `BackhaulError` where it cannot be read. */
  readonly readKernel: () => Promise<KernelView>;
  /** What a tool prints that only reads; null where it cannot be run or fails. */
  readonly ask: (tool: string, args: readonly string[]) => Promise<string | null>;
}

/** This machine, as this process sees it. */
export function realSurroundings(driver: 'auto' | KernelDriver): Surroundings {
  const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;
  return {
    proc: '/proc',
    sys: '/sys',
    etc: '/etc',
    run: '/run',
    usr: '/usr',
    path,
    groups: [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])],
    readKernel: async () => {
      const { openKernel } = await import('../netlink/kernel.ts');
      const kernel = await openKernel({ driver });
      // The maps are live views of the mirror: they stay as they are once it is closed.
      await kernel.close();
      return { driver: kernel.driver, state: kernel.state };
    },
    ask: (tool, args) =>
      new Promise((resolve) => {
        execFile(
          tool,
          [...args],
          { timeout: 3000, maxBuffer: 16 * 1024 * 1024, env: { PATH: path, LC_ALL: 'C' } },
          (error, stdout) => resolve(error === null ? stdout : null),
        );
      }),
  };
}

export function isAccessible(path: string, mode: number = constants.F_OK): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Where a program is; null where it is in no folder of the PATH. */
export function programAt(path: string, name: string): string | null {
  const places = path.split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => isAbsolute(place) && isAccessible(place, constants.X_OK) && isFile(place)) ?? null;
}
