import { readlinkSync, statSync } from 'node:fs';

/**
 * Whether a path belongs to another network than this process's: it is in a network namespace of its own, and yet the
 * path is the very one that process 1 sees. What is written there would change the lookups of the whole machine.
 *
 * What cannot be read (no privilege, a process 1 that is hidden) counts as one's own.
 */
export function belongsToOtherNetwork(path: string, proc = '/proc'): boolean {
  const own = attempt(() => readlinkSync(`${proc}/self/ns/net`));
  const first = attempt(() => readlinkSync(`${proc}/1/ns/net`));
  if (own === null || first === null || own === first) return false;
  const here = attempt(() => identityOf(path));
  const there = attempt(() => identityOf(`${proc}/1/root${path}`));
  return here === there;
}

function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev} ${ino}`;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
