import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../../model/errors.ts';
import { run } from '../process/run.ts';

/** The client, as it can be started here. */
export interface UdhcpcProgram {
  readonly file: string;
  /** What stands before its own arguments. */
  readonly leading: readonly string[];
  /** The script that it calls. */
  readonly hook: string;
}

export type FoundProgram =
  | { readonly ok: true; readonly program: UdhcpcProgram }
  | { readonly ok: false; readonly problem: Problem };

const candidates: readonly Pick<UdhcpcProgram, 'file' | 'leading'>[] = [
  { file: 'udhcpc', leading: [] },
  { file: 'busybox', leading: ['udhcpc'] },
];
const patience = 5000;

/** Looks for udhcpc, a program of its own or a part of BusyBox: `tool.missing` where there is neither. */
export async function findUdhcpc(): Promise<FoundProgram> {
  const hook = findHook();
  if (hook === null) {
    const message = 'the script of the DHCP client is not there, or may not be run';
    return {
      ok: false,
      problem: { code: 'tool.missing', subject: hookName, message, remedy: 'install backhauld anew' },
    };
  }
  for (const candidate of candidates) {
    // The first that is there is taken.
    // oxlint-disable-next-line no-await-in-loop
    const { stdout, stderr } = await run(candidate.file, [...candidate.leading, '--help'], { timeout: patience });
    if (/^Usage: udhcpc\b/mu.test(stdout + stderr)) return { ok: true, program: { ...candidate, hook } };
  }
  return {
    ok: false,
    problem: {
      code: 'tool.missing',
      subject: 'udhcpc',
      message: 'neither udhcpc nor a BusyBox with it was found on the PATH',
      remedy: 'install udhcpc (Debian: apt-get install udhcpc)',
    },
  };
}

const hookName = 'udhcpc-hook.sh';

/** Beside this file in the sources; in a bundle beside its entry, or above where this is a chunk of it. */
const places = [hookName, `../${hookName}`].map((place) => fileURLToPath(new URL(place, import.meta.url)));

const findHook = (): string | null => places.find((place) => isExecutable(place)) ?? null;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
