/** Which other programs run here. Files of /proc only: no process is started for it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The arguments of each process of this name in this network namespace. */
export function programsNamed(name: string, proc = '/proc'): readonly (readonly string[])[] {
  const own = linkAt(join(proc, 'self/ns/net'));
  return namesIn(proc).flatMap((pid) => {
    if (!/^\d+$/u.test(pid) || textAt(join(proc, pid, 'comm')).trim() !== name.slice(0, 15)) return [];
    const namespace = linkAt(join(proc, pid, 'ns/net'));
    const isElsewhere = namespace !== '' && own !== '' && namespace !== own;
    const words = textAt(join(proc, pid, 'cmdline')).split('\0');
    return isElsewhere ? [] : [words.filter((word) => word !== '')];
  });
}

/** What a small file holds; nothing where it cannot be read. */
export function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
