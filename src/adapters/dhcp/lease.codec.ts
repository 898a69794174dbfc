import {
  broadcastOf,
  formatAddress,
  formatPrefix,
  isInNetwork,
  networkOf,
  parseAddress,
  parsePrefix,
} from '../../model/address.ts';
import type { Problem } from '../../model/errors.ts';
import type { Lease, LeasedRoute } from '../../model/lease.ts';
import { seconds, type Milliseconds } from '../../model/units.ts';

/** What the script of the client has said. Values are as the server gave them. */
export interface HookLine {
  readonly event: 'deconfig' | 'bound' | 'renew' | 'nak' | 'leasefail';
  readonly values: ReadonlyMap<string, string>;
}

const events = ['deconfig', 'bound', 'renew', 'nak', 'leasefail'] as const;

/** Null for what is none of the script's lines, or a part of one. */
export function parseHookLine(line: string): HookLine | null {
  const [mark, first, ...rest] = line.split(';');
  const event = events.find((name) => first === `event=${name}`);
  if (mark !== 'backhauld-dhcp' || event === undefined || rest.pop() !== 'end') return null;
  const values = new Map<string, string>();
  for (const part of rest) {
    const [, key, value] = /^([a-z]+)=(.*)$/u.exec(part) ?? [];
    if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value);
  }
  return { event, values };
}

export type ParsedLease =
  | {
      readonly ok: true;
      readonly lease: Lease;
      /** What of it is of no use, in half sentences. */
      readonly leftOut: readonly string[];
    }
  | { readonly ok: false; readonly problem: Problem };

/** What a lease without one lasts: udhcpc's own choice. */
const usualDuration = seconds(3600);
const forEver = 0xffff_ffff;
/** Shorter ones would make a large part of the internet a neighbour. */
const shortestPrefix = 8;
const mostServers = 8;
const mostRoutes = 50;

class Unusable extends Error {}

/**
 * Checks what a server granted (RFC 2131, options of RFC 2132 and 3442). Without a good address, mask and time it is no
 * lease: `lease.invalid`, which names what was found. What else is of no use is left out, and said.
 *
 * A gateway may lie outside the network, as with some providers: it is reached on the link.
 */
export function parseLease(name: string, values: ReadonlyMap<string, string>): ParsedLease {
  const leftOut: string[] = [];
  try {
    const address = addressOf(values.get('ip'));
    const prefixLength = prefixLengthOf(address, values);
    const isUsable = (text: string): boolean => isUnicast(text) && text !== address;
    const keep = (what: string, texts: readonly string[]): readonly string[] =>
      texts.flatMap((text) => {
        const canonical = canonicalOf(text);
        if (canonical !== undefined && isUsable(canonical)) return [canonical];
        leftOut.push(`${what} ${shown(text)}`);
        return [];
      });
    const routes = routesOf(values.get('staticroutes'), isUsable, leftOut);
    const [router = null] = routes === null ? keep('gateway', wordsOf(values.get('router'))) : [];
    return {
      ok: true,
      leftOut,
      lease: {
        address,
        prefixLength,
        // Where there are classless routes the router option is not to be looked at (RFC 3442).
        gateway: routes === null ? router : routes.gateway,
        routes: routes?.others ?? [],
        dns: [...new Set(keep('name server', wordsOf(values.get('dns'))))].slice(0, mostServers),
        mtu: mtuOf(values.get('mtu'), leftOut),
        server: canonicalOf(values.get('serverid') ?? '') ?? null,
        duration: durationOf(values.get('lease')),
      },
    };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { ok: false, problem: { code: 'lease.invalid', subject: name, message: error.message, remedy } };
  }
}

const remedy = 'correct the DHCP server of that network; it is asked again';

/** What is shown of a value that is anybody's text. */
const shown = (text: string): string =>
  JSON.stringify((text.length > 60 ? `${text.slice(0, 57)}...` : text).replaceAll(/[^\x20-\x7E]/gu, '?'));

const wordsOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/ +/u).filter((word) => word !== '');

function canonicalOf(text: string): string | undefined {
  const address = parseAddress(text);
  return address?.family === 'ipv4' ? formatAddress(address) : undefined;
}

const reserved = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['224.0.0.0', 3],
] as const;

/** An address that one host has. Those of 169.254.0.0/16 are nobody's to grant (RFC 3927), but a gateway may have one. */
const isUnicast = (address: string): boolean =>
  !reserved.some(([network, length]) => isInNetwork(address, network, length));

function addressOf(text: string | undefined): string {
  const address = canonicalOf(text ?? '');
  if (text === undefined || address === undefined) throw new Unusable(`the lease has the address ${shown(text ?? '')}`);
  if (!isUnicast(address) || isInNetwork(address, '169.254.0.0', 16)) {
    throw new Unusable(`the lease has the address ${address}, which no host can have`);
  }
  return address;
}

function prefixLengthOf(address: string, values: ReadonlyMap<string, string>): number {
  const mask = values.get('subnet');
  if (mask === undefined) return 32;
  const length = lengthOf(mask);
  if (length === undefined || (values.get('mask') ?? String(length)) !== String(length)) {
    throw new Unusable(`the lease of ${address} has the mask ${shown(mask)}`);
  }
  if (length < shortestPrefix) {
    throw new Unusable(`the lease of ${address} has the mask ${mask}: no network is as large as that`);
  }
  const network = networkOf(address, length);
  if (length <= 30 && (network === `${address}/${length}` || broadcastOf(address, length) === address)) {
    throw new Unusable(`the lease has the address ${address}/${length}, which stands for the whole network`);
  }
  return length;
}

/** The length that a mask stands for; undefined where its ones are not all in front. */
function lengthOf(mask: string): number | undefined {
  const bits = parseAddress(mask)?.value.toString(2).padStart(32, '0') ?? '';
  return /^1*0*$/u.test(bits) && bits.length === 32 ? bits.lastIndexOf('1') + 1 : undefined;
}

function durationOf(text: string | undefined): Milliseconds | null {
  if (text === undefined) return usualDuration;
  const value = /^\d{1,10}$/u.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= forEver)) throw new Unusable(`the lease has a time of ${shown(text)} s`);
  return value === forEver ? null : seconds(value);
}

function mtuOf(text: string | undefined, leftOut: string[]): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,5}$/u.test(text) ? Number(text) : 0;
  if (value >= 576 && value <= 9000) return value;
  leftOut.push(`MTU ${shown(text)}`);
  return null;
}

/** Pairs of destination and gateway, as udhcpc writes option 121; null where there is none. */
function routesOf(
  text: string | undefined,
  isUsable: (address: string) => boolean,
  leftOut: string[],
): { readonly gateway: string | null; readonly others: readonly LeasedRoute[] } | null {
  if (text === undefined) return null;
  const words = wordsOf(text);
  let gateway: string | null = null;
  const others = new Map<string, LeasedRoute>();
  for (let at = 0; at < words.length; at += 2) {
    const [to = '', by = ''] = words.slice(at, at + 2);
    const prefix = parsePrefix(to);
    const next = canonicalOf(by);
    const isOnLink = next === '0.0.0.0';
    if (prefix?.family !== 'ipv4' || next === undefined || !(isOnLink || isUsable(next))) {
      leftOut.push(`route ${shown(`${to} ${by}`)}`);
    } else if (prefix.length === 0) {
      gateway ??= isOnLink ? null : next;
    } else if (isUnicast(formatAddress(prefix.network))) {
      const destination = formatPrefix(prefix);
      if (!others.has(destination)) others.set(destination, { destination, gateway: isOnLink ? null : next });
    } else leftOut.push(`route ${shown(`${to} ${by}`)}`);
  }
  return { gateway, others: [...others.values()].slice(0, mostRoutes) };
}
