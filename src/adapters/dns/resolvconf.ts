import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { DnsReading } from '../../effects/ports.ts';
import type { DnsPlace, DnsValue } from '../../model/dns.ts';
import type { OperationResult } from '../../model/network.ts';
import { nameServersOf } from '../../model/resolv-conf.ts';
import { run } from '../process/run.ts';
import { readSmallFile } from './small-file.ts';
import { resultOf } from './tool-result.ts';

/** For one call of resolvconf, in milliseconds: it waits up to 10 s for another one to end. */
const patience = 15_000;

/** Where the records are: Debian's resolvconf has one place, openresolv another, and since 3.13 a third. */
export const recordDirectories = ['interface', 'interfaces', 'keys'].map((name) => `/run/resolvconf/${name}`);

const programs = ['/sbin', '/usr/sbin', '/bin', '/usr/bin', '/usr/local/sbin'].map((where) => `${where}/resolvconf`);

/** Whether there is a resolvconf; systemd-resolved's resolvectl under that name is none. */
export function isResolvconfHere(root = ''): boolean {
  return programs.some((program) => {
    try {
      accessSync(root + program, constants.X_OK);
      return basename(realpathSync(root + program)) !== 'resolvectl';
    } catch {
      return false;
    }
  });
}

/** Debian's sorts records by their names alone, and has nothing like a metric. */
const isDebians = (root: string): boolean =>
  ['/lib', '/usr/lib'].some((where) => existsSync(`${root}${where}/resolvconf/list-records`));

/**
 * What backhauld's record of an interface is called. Debian's resolvconf asks names that begin with `lo.` first, which
 * is what keeps a dead provider's servers from standing before these (interface-order(5)).
 */
const recordName = ({ name }: Pick<DnsPlace, 'name'>, root: string): string =>
  isDebians(root) ? `lo.${name}.backhauld` : `${name}.backhauld`;

export const isOwnRecord = (name: string): boolean => name.endsWith('.backhauld');

export function readResolvconfRecord(place: DnsPlace, root = ''): DnsReading {
  const name = recordName(place, root);
  for (const directory of recordDirectories) {
    const text = readSmallFile(`${root}${directory}/${name}`);
    if (text !== null)
      return {
        value: `${nameServersOf(text)
          .map((server) => `nameserver ${server}`)
          .join('\n')}\n`,
      };
  }
  return { value: null };
}

/** Adds backhauld's record of an interface, replaces it, or with null takes it away. */
export async function writeResolvconfRecord(place: DnsPlace, value: DnsValue, root = ''): Promise<OperationResult> {
  const name = recordName(place, root);
  if (value === null) return resultOf(await run('resolvconf', ['-d', name], { timeout: patience }));
  // openresolv puts records without a metric last.
  const first = isDebians(root) ? [] : ['-m', '0'];
  return resultOf(await run('resolvconf', [...first, '-a', name], { timeout: patience, input: value }));
}
