import { basename, join } from 'node:path';
import { linkAt, namesIn, textAt } from '../files/readings.ts';

/** Somebody who listens on a port of every address of the node, or of one of these. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** The program by its name; null where it cannot be seen. */
  readonly program: string | null;
}

const tables = [
  { file: 'tcp', protocol: 'tcp' },
  { file: 'tcp6', protocol: 'tcp' },
  { file: 'udp', protocol: 'udp' },
  { file: 'udp6', protocol: 'udp' },
] as const;

const listening = '0A';

/**
 * Who has the port already; null: nobody. Source: /proc/net/{tcp,udp}, Documentation/networking/proc_net_tcp.rst.
 *
 * @param address the IPv4 address that is wanted: who listens on another one is not in the way
 */
export function listenerOn(port: number, address: string, proc = '/proc'): Listener | null {
  for (const { file, protocol } of tables) {
    for (const line of (textAt(proc, 'self/net', file) ?? '').split('\n')) {
      const words = line.trim().split(/\s+/u);
      const [, local = '', , state = ''] = words;
      const [host = '', hexPort = ''] = local.split(':');
      if (Number.parseInt(hexPort, 16) !== port || (protocol === 'tcp' && state !== listening)) continue;
      if (!/^0+$/u.test(host) && host !== hexOf(address)) continue;
      return { protocol, program: programWith(words[9] ?? '', proc) };
    }
  }
  return null;
}

/** As the kernel writes it: the bytes in the order of this machine, which is little-endian wherever Node runs. */
const hexOf = (address: string): string =>
  address
    .split('.')
    .toReversed()
    .map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join('');

/** The name of a process that has the socket with this inode open. */
function programWith(inode: string, proc: string): string | null {
  for (const pid of namesIn(proc)) {
    if (!/^\d+$/u.test(pid)) continue;
    const folder = join(proc, pid, 'fd');
    const hasIt = namesIn(folder).some((descriptor) => linkAt(folder, descriptor) === `socket:[${inode}]`);
    // A thread may have given itself a name of its own, in `comm`.
    if (hasIt) return basename(linkAt(proc, pid, 'exe') ?? '') || textAt(proc, pid, 'comm');
  }
  return null;
}
