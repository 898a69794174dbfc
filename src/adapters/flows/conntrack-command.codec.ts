import { formatAddress, parseAddress } from '../../model/address.ts';
import type { TrackedConnection } from '../../model/flows.ts';

/** A connection as `conntrack --dump` tells of it. */
export interface ListedConnection extends TrackedConnection {
  readonly protocol: string;
  readonly ports: { readonly source: string; readonly destination: string } | null;
}

/** Connections from `conntrack --dump`; lines that cannot be read are left out. */
export const parseConnections = (text: string): readonly ListedConnection[] =>
  text.split('\n').flatMap(parseConnection);

function parseConnection(line: string): readonly ListedConnection[] {
  const protocol = /^(\w+)\s+\d+\s/u.exec(line)?.[1];
  const [source, reply] = addressesAt(line, 'src');
  const [destination, replyDestination] = addressesAt(line, 'dst');
  if (protocol === undefined || source === undefined || reply === undefined) return [];
  if (destination === undefined || replyDestination === undefined) return [];
  const from = /\bsport=(\d+)/u.exec(line)?.[1];
  const to = /\bdport=(\d+)/u.exec(line)?.[1];
  const ports = from === undefined || to === undefined ? null : { source: from, destination: to };
  return [{ protocol, source, destination, replyDestination, ports }];
}

/** First as it was sent, then as it is answered. */
const addressesAt = (line: string, key: 'src' | 'dst'): readonly string[] =>
  [...line.matchAll(new RegExp(`\\b${key}=([\\da-fA-F.:]+)`, 'gu'))].flatMap(([, text = '']) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [formatAddress(address)];
  });

/** The options that name this connection. */
export const endOfConnection = ({ protocol, source, destination, ports }: ListedConnection): readonly string[] => [
  '--orig-src',
  source,
  '--orig-dst',
  destination,
  '--proto',
  protocol,
  ...(ports === null ? [] : ['--sport', ports.source, '--dport', ports.destination]),
];
