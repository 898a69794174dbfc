import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process and all its descendants that are alive. */
export function family(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/u.test(name))) {
    const fields = statOf(Number(entry));
    if (fields === null) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [pid];
  for (const known of found) found.push(...(children.get(known) ?? []));
  return found;
}

/** The fields of /proc/PID/stat after the name, from the state on (proc(5)); null when the process is gone. */
function statOf(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

const ticksPerSecond = 100;

/**
 * Processor time of a process in seconds: its threads to the nanosecond (schedstat), its children that are alive, and
 * those that have ended (in ticks of 10 ms).
 */
export const cpuSeconds = (pid: number): number =>
  family(pid).reduce((sum, member) => {
    const fields = statOf(member);
    if (fields === null) return sum;
    const ended = (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
    return sum + ended + threadSeconds(member);
  }, 0);

const threadSeconds = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(nanoseconds) / 1e9;
  }, 0);

const kilobytes = (text: string, key: string): number =>
  Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'mu').exec(text)?.[1] ?? 0);

/** Proportional set size in MB, children included: what smaps_rollup says. */
export const pssMegabytes = (pid: number): number =>
  family(pid).reduce((sum, member) => sum + kilobytes(readFileSync(`/proc/${member}/smaps_rollup`, 'utf8'), 'Pss'), 0) /
  1024;

/**
 * The same as if no other Node were running: its program is shared with this benchmark's own processes here, and would
 * not be on a node. Mappings of the program count in full, all others proportionally.
 */
export const pssAloneMegabytes = (pid: number): number =>
  family(pid).reduce((sum, member) => {
    const program = readlinkSync(`/proc/${member}/exe`);
    const mappings = readFileSync(`/proc/${member}/smaps`, 'utf8').split(/^(?=[\da-f]+-[\da-f]+ )/mu);
    return mappings.reduce(
      (total, mapping) =>
        total + kilobytes(mapping, mapping.split('\n', 1)[0]?.endsWith(program) === true ? 'Rss' : 'Pss'),
      sum,
    );
  }, 0) / 1024;
