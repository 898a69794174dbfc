import { randomInt } from 'node:crypto';
import type { Family } from '../../model/family.ts';
import { whyPointless } from '../../model/target.ts';
import { failureOf } from '../sockets/socket-failures.ts';
import type { End, SocketFailure, UplinkPath, UplinkSockets } from '../sockets/uplink-sockets.ts';
import { encodeDnsQuery, judgeDnsReply, readDnsAddresses, type DnsAddresses } from './dns.codec.ts';

/** A name server of an uplink, and the address it is asked from. */
export interface NameServer {
  readonly family: Family;
  /** A literal address; a link-local one with its zone. */
  readonly address: string;
  readonly source: string;
}

export interface Lookup {
  readonly interface: UplinkPath['interface'];
  readonly servers: readonly NameServer[];
  readonly name: string;
  /** The family whose address is wanted. */
  readonly family: Family;
}

export type LookupOutcome =
  | { readonly ok: true; readonly address: string; readonly timeToLive: number; readonly server: string }
  | SocketFailure;

/** Until the next server is asked beside those that have not answered, in milliseconds. */
const patience = 700;
const mostQuestions = 4;
const port = 53;

export const familyNames: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/**
 * Asks an uplink's name servers for the address of a name, through that uplink alone.
 *
 * One after the other: the next when one says no, and beside it when one is silent. That there is no such name, or no
 * address of the family, is the last word. It has no end of its own when nobody answers: who asked gives up.
 */
export function lookUp(sockets: UplinkSockets, lookup: Lookup, settle: (outcome: LookupOutcome) => void): End {
  const { servers, name, family } = lookup;
  const by = `by the name servers of ${lookup.interface.name}`;
  const ends: End[] = [];
  let isOver = false;
  let asked = 0;
  let pending = 0;
  let lastFailure = failureOf('unresolved', `${name} cannot be resolved ${by}: none is known`);
  let timer: NodeJS.Timeout | undefined;

  const finish = (outcome: LookupOutcome): void => {
    if (isOver) return;
    end();
    settle(outcome);
  };
  const end = (): void => {
    isOver = true;
    clearTimeout(timer);
    for (const each of ends) each();
  };
  const hear = (server: NameServer, answer: DnsAddresses | SocketFailure): void => {
    if (isOver) return;
    pending -= 1;
    if ('ok' in answer) {
      lastFailure = unresolved(answer, `${name} cannot be resolved ${by}: ${answer.message}`);
      if (asked < Math.min(servers.length, mostQuestions)) ask();
      else if (pending === 0) finish(lastFailure);
      return;
    }
    finish(meaningOf(answer, server));
  };
  const meaningOf = ({ code, addresses, timeToLive }: DnsAddresses, server: NameServer): LookupOutcome => {
    const no = (what: string): SocketFailure =>
      failureOf('unresolved', `${name} cannot be resolved ${by}: ${server.address} ${what}`);
    if (code === 3) return no('says that there is no such name');
    const [first] = addresses;
    if (first === undefined) return no(`knows no ${familyNames[family]} address of it`);
    const address = addresses.find((each) => whyPointless(each) === null);
    if (address === undefined) return no(`answers ${first}: ${whyPointless(first) ?? ''}`);
    return { ok: true, address, timeToLive, server: server.address };
  };
  const ask = (): void => {
    const server = servers[asked % servers.length];
    if (server === undefined || isOver) return;
    asked += 1;
    pending += 1;
    clearTimeout(timer);
    if (asked < mostQuestions) timer = setTimeout(ask, patience);
    let hasSettled = false;
    const ended = question(sockets, lookup, server, (answer) => {
      hasSettled = true;
      hear(server, answer);
    });
    // It may have failed at once, and been the last one.
    if (isOver || hasSettled) ended();
    else ends.push(ended);
  };
  if (servers.length === 0) settle(lastFailure);
  else ask();
  return end;
}

/** What this node itself cannot do is no evidence about the uplink, and stays what it is. */
const unresolved = ({ failure }: SocketFailure, message: string): SocketFailure =>
  failureOf(failure === 'notPermitted' || failure === 'internal' ? failure : 'unresolved', message);

function question(
  sockets: UplinkSockets,
  { interface: device, name, family }: Lookup,
  server: NameServer,
  settle: (answer: DnsAddresses | SocketFailure) => void,
): End {
  const asked = { id: randomInt(0x1_0000), name, family };
  let answer: DnsAddresses | null = null;
  return sockets.exchange(
    { family: server.family, interface: device, source: server.source },
    { address: server.address, port },
    encodeDnsQuery(asked),
    (reply) => {
      const kind = judgeDnsReply(reply, asked);
      if (kind === 'malformed') return failureOf('badAnswer', `the answer of ${server.address} is cut or malformed`);
      if (kind === 'refused') return failureOf('badAnswer', `${server.address} does not answer for it`);
      // The buffer is used again for the next datagram: what is needed is read at once.
      if (kind === 'answer') answer = readDnsAddresses(reply, asked);
      return kind;
    },
    (outcome) => {
      if (!outcome.ok) settle(outcome);
      else if (answer !== null) settle(answer);
    },
  );
}
