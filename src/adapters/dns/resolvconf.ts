import { accessSync, constants, realpathSync } from 'node:fs';
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

/**
 * What backhauld's record of an interface is called. Both programs sort records by their names, and have those that
 * begin with `lo.` first (interface-order(5), interface_order in resolvconf.conf(5)): it keeps a dead provider's servers
 * from standing before these. Of openresolv a metric would not do that: records without one come before all that have.
 */
const recordName = ({ name }: Pick<DnsPlace, 'name'>): string => `lo.${name}.backhauld`;

export const isOwnRecord = (name: string): boolean => name.endsWith('.backhauld');

export function readResolvconfRecord(place: DnsPlace, root = ''): DnsReading {
  const name = recordName(place);
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
export async function writeResolvconfRecord(place: DnsPlace, value: DnsValue): Promise<OperationResult> {
  const name = recordName(place);
  const result =
    value === null
      ? await run('resolvconf', ['-d', name], { timeout: patience })
      : await run('resolvconf', ['-a', name], { timeout: patience, input: value });
  return resultOf(result);
}
