/** Which other programs run here. Files of /proc only: no process is started for it. */
import { linkAt, namesIn, textAt } from '../files/readings.ts';

/** The ids of the processes of this name in this network namespace. */
export function processesNamed(name: string, proc = '/proc'): readonly string[] {
  const own = linkAt(proc, 'self/ns/net');
  return namesIn(proc).filter((pid) => {
    // The kernel keeps the first 15 characters of a name.
    if (!/^\d+$/u.test(pid) || textAt(proc, pid, 'comm') !== name.slice(0, 15)) return false;
    const namespace = linkAt(proc, pid, 'ns/net');
    // Who may not see the namespace of a process takes it for the own one.
    return own === null || namespace === null || own === namespace;
  });
}

/** The arguments of each process of this name in this network namespace. */
export const programsNamed = (name: string, proc = '/proc'): readonly (readonly string[])[] =>
  processesNamed(name, proc).map((pid) =>
    (textAt(proc, pid, 'cmdline') ?? '').split('\0').filter((word) => word !== ''),
  );
