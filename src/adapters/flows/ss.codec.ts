import { formatAddress, parseAddress } from '../../model/address.ts';
import type { ConnectedSocket } from '../../model/flows.ts';

/** A socket as `ss --extended` tells of it. */
export interface ListedSocket extends ConnectedSocket {
  /** `address:port` of both ends, as ss reads them. */
  readonly ends: readonly [source: string, destination: string];
}

/** Sockets from `ss --numeric --extended --no-header --oneline`; lines that cannot be read are left out. */
export const parseSockets = (text: string): readonly ListedSocket[] => text.split('\n').flatMap(parseSocket);

function parseSocket(line: string): readonly ListedSocket[] {
  const [, , , local, peer] = line.trim().split(/\s+/u);
  const source = endOf(local);
  const destination = endOf(peer);
  if (source === null || destination === null || source.port === 0 || destination.port === 0) return [];
  const inode = /\bino:(\d+)/u.exec(line)?.[1];
  return [
    {
      source: source.address,
      destination: destination.address,
      // ss names the device; that there is one is all that is asked.
      boundTo: source.isBound ? -1 : 0,
      inode: Number(inode ?? 0),
      ends: [source.text, destination.text],
    },
  ];
}

interface End {
  readonly address: string;
  readonly port: number;
  readonly isBound: boolean;
  readonly text: string;
}

/** `192.0.2.1%eth0:22`, `[2001:db8::1]:22`, `[::ffff:192.0.2.1]:22`. */
function endOf(text: string | undefined): End | null {
  const match = /^\[?([^\]%]+)(%[^\]:]+)?\]?(?:%[^:]+)?:(\d+)$/u.exec(text ?? '');
  const [, written = '', device, port] = match ?? [];
  const address = parseAddress(written.replace(/^::ffff:(?=\d+\.)/u, ''));
  if (address === undefined || text === undefined) return null;
  return {
    address: formatAddress(address),
    port: Number(port),
    isBound: device !== undefined || text.includes('%'),
    text: `${written.includes(':') ? `[${written}]` : written}:${port}`,
  };
}

/** The filter that names these sockets and none other. */
export const endOfSockets = (sockets: readonly ListedSocket[]): readonly string[] =>
  sockets.flatMap(({ ends: [source, destination] }, position) => [
    ...(position === 0 ? [] : ['or']),
    '(',
    'src',
    source,
    'and',
    'dst',
    destination,
    ')',
  ]);
