import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { until } from './suite.ts';

/** The link with this hardware address; null where there is none. */
export function linkWithAddress(mac: string): string | null {
  const named = readdirSync('/sys/class/net').find((name) => read(`/sys/class/net/${name}/address`) === mac);
  return named ?? null;
}

/** The link that one of these drivers made; null where there is none. */
export function linkWithDriver(...drivers: readonly string[]): string | null {
  const named = readdirSync('/sys/class/net').find((name) => drivers.includes(driverOf(name)));
  return named ?? null;
}

/** Whether somebody has set it up, with a carrier or without. */
export function isUp(link: string): boolean {
  return (Number(read(`/sys/class/net/${link}/flags`)) & 1) === 1;
}

export function driverOf(link: string): string {
  try {
    return basename(readlinkSync(`/sys/class/net/${link}/device/driver`));
  } catch {
    return '';
  }
}

/** Resolves with the link's name when it is there. */
export async function untilLink(find: () => string | null, what: string): Promise<string> {
  let found: string | null = null;
  await until(() => (found = find()) !== null, what);
  if (found === null) throw new Error(what);
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
