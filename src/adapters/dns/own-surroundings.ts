import { statSync } from 'node:fs';
import { linkAt } from '../files/readings.ts';

/**
 * Whether a path belongs to another network than this process's: it is in a network namespace of its own, and yet the
 * path is the very one that process 1 sees. What is written there would change the lookups of the whole machine.
 *
 * What cannot be read (no privilege, a process 1 that is hidden) counts as one's own.
 */
export function belongsToOtherNetwork(path: string, proc = '/proc'): boolean {
  const own = linkAt(proc, 'self/ns/net');
  const first = linkAt(proc, '1/ns/net');
  if (own === null || first === null || own === first) return false;
  const here = identityOf(path);
  const there = identityOf(`${proc}/1/root${path}`);
  return here === there;
}

function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return null;
  }
}
