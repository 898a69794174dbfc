import {
  broadcastOf,
  formatAddress,
  formatPrefix,
  hostPrefix,
  parseAddress,
  parsePrefix,
} from '../../../model/address.ts';
import type { Family } from '../../../model/family.ts';
import type { Route, Rule } from '../../../model/kernel.ts';
import {
  type AddressRecord,
  type DesiredAddress,
  type DesiredRoute,
  type LinkChange,
  ownProtocol,
} from '../../../model/network.ts';
import type { KernelOperation } from '../../../effects/ports.ts';
import { scopeNumbers } from '../codec/ip.codec.ts';

/** An operation in the words of `ip`; each word is one argument, whatever is in it. */
export interface IpCommand {
  readonly family: Family;
  readonly words: readonly string[];
}

/** The words of an operation; the text says what in it is none of what it should be. */
export type Encoded =
  | { readonly ok: true; readonly command: IpCommand }
  | { readonly ok: false; readonly message: string };

class Unusable extends Error {}

function address(text: string, family?: Family): string {
  const parsed = parseAddress(text);
  if (parsed === undefined || (family !== undefined && parsed.family !== family)) {
    throw new Unusable(`"${text}" is no ${family ?? 'IP'} address`);
  }
  return formatAddress(parsed);
}

function prefix(text: string, family: Family): string {
  const parsed = parsePrefix(text.includes('/') ? text : hostPrefix(family, text));
  if (parsed?.family !== family) throw new Unusable(`"${text}" is no ${family} prefix`);
  return formatPrefix(parsed);
}

function number(value: number, maximum = 0xff_ff_ff_ff): string {
  if (!Number.isInteger(value) || value < 0 || value > maximum) throw new Unusable(`${value} is out of range`);
  return String(value);
}

/** What the kernel takes for a name (dev_valid_name), besides its length in bytes, which it checks itself. */
function name(text: string): string {
  // oxlint-disable-next-line no-control-regex -- a name with a zero would end early
  if (text === '' || text === '.' || text === '..' || /[\t-\r /:\u0000]/u.test(text)) {
    throw new Unusable(`"${text}" is no name of an interface`);
  }
  return text;
}

/**
 * `if7` means index 7 to `ip`. Names in the batch would be looked up in what `ip` remembers of links that are long gone
 * or renamed; the index is what the operation means.
 */
const device = (index: number): readonly string[] => ['dev', `if${number(index, 0x7f_ff_ff_ff)}`];

const types = new Set([
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
]);

type Place = Pick<Route, 'family' | 'table' | 'destination' | 'metric' | 'gateway' | 'linkIndex' | 'isOnLink'>;

const placeOf = (route: Place): readonly string[] => [
  prefix(route.destination, route.family),
  ...(route.gateway === null ? [] : ['via', ...gateway(route.gateway, route.family)]),
  ...(route.linkIndex === null ? [] : device(route.linkIndex)),
  'table',
  number(route.table),
  // Metric 0 stands for none given: IPv6 writes 1024 then, and IPv4 deletes by any metric.
  ...(route.metric === 0 ? [] : ['metric', number(route.metric)]),
  ...(route.isOnLink && route.gateway !== null ? ['onlink'] : []),
];

function gateway(text: string, family: Family): readonly string[] {
  const own = parseAddress(text)?.family;
  if (own === family) return [address(text)];
  return [own === 'ipv6' ? 'inet6' : 'inet', address(text)];
}

const routeReplace = (route: DesiredRoute, placement: 'create' | 'replace'): readonly string[] => [
  'route',
  placement === 'create' ? 'add' : 'replace',
  'unicast',
  ...placeOf(route),
  'proto',
  String(ownProtocol),
  ...(route.family === 'ipv4' ? ['scope', String(scopeNumbers[route.gateway === null ? 'link' : 'global'])] : []),
];

/** The scope keeps IPv4 from taking a route with a gateway for one without. */
function routeDelete(route: Route): readonly string[] {
  if (!types.has(route.type)) throw new Unusable(`routes of type ${route.type} are not deleted`);
  const scope = route.family === 'ipv4' ? ['scope', String(scopeNumbers[route.scope])] : [];
  return ['route', 'delete', route.type, ...placeOf(route), 'proto', number(route.protocol, 255), ...scope];
}

type Selectors = Pick<Rule, 'family' | 'priority' | 'table' | 'from' | 'outputInterface' | 'suppressPrefixLength'>;

const selectorsOf = (rule: Selectors): readonly string[] => [
  'priority',
  number(rule.priority),
  ...(rule.from === null ? [] : ['from', prefix(rule.from, rule.family)]),
  ...(rule.outputInterface === null ? [] : ['oif', name(rule.outputInterface)]),
  'table',
  number(rule.table),
  ...(rule.suppressPrefixLength === null ? [] : ['suppress_prefixlength', number(rule.suppressPrefixLength, 128)]),
];

/** Rules of other programs with selectors beyond these are none of ours to delete. */
function ruleDelete(rule: Rule): readonly string[] {
  const isOfOurKind =
    rule.action === 'lookup' &&
    !rule.hasOtherSelectors &&
    rule.to === null &&
    rule.inputInterface === null &&
    rule.mark === null;
  if (!isOfOurKind) throw new Unusable('rules of this kind are not deleted');
  return ['rule', 'delete', ...selectorsOf(rule), 'protocol', number(rule.protocol, 255)];
}

const addressWords = ({ family, address: text, prefixLength, linkIndex }: AddressRecord): readonly string[] => [
  `${address(text, family)}/${number(prefixLength, family === 'ipv4' ? 32 : 128)}`,
  ...device(linkIndex),
];

function addressAdd(wanted: DesiredAddress): readonly string[] {
  const broadcast = broadcastOf(wanted.address, wanted.prefixLength);
  return [
    'address',
    'add',
    ...addressWords(wanted),
    ...(broadcast === undefined ? [] : ['broadcast', broadcast]),
    'metric',
    number(wanted.metric),
  ];
}

const linkSet = ({ linkIndex, isUp, mtu }: LinkChange): readonly string[] => [
  'link',
  'set',
  ...device(linkIndex),
  ...(mtu === null ? [] : ['mtu', number(mtu)]),
  ...(isUp === null ? [] : [isUp ? 'up' : 'down']),
];

/**
 * Puts an operation into words; whatever would not be one argument of its kind is refused here. `placement`: whether a
 * route may replace what stands in its place.
 */
export function encodeOperation(operation: KernelOperation, placement: 'create' | 'replace' = 'replace'): Encoded {
  try {
    return { ok: true, command: wordsOf(operation, placement) };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, message: error.message };
    throw error;
  }
}

function wordsOf(operation: KernelOperation, placement: 'create' | 'replace'): IpCommand {
  switch (operation.type) {
    case 'route.replace':
      return { family: operation.route.family, words: routeReplace(operation.route, placement) };
    case 'route.delete':
      return { family: operation.route.family, words: routeDelete(operation.route) };
    case 'rule.add': {
      const { rule } = operation;
      return { family: rule.family, words: ['rule', 'add', ...selectorsOf(rule), 'protocol', String(ownProtocol)] };
    }
    case 'rule.delete':
      return { family: operation.rule.family, words: ruleDelete(operation.rule) };
    case 'neighbour.resolve': {
      const { family, linkIndex } = operation.neighbour;
      const gatewayAddress = address(operation.neighbour.address, family);
      return { family, words: ['neigh', 'replace', gatewayAddress, ...device(linkIndex), 'use'] };
    }
    case 'address.add':
      return { family: operation.address.family, words: addressAdd(operation.address) };
    case 'address.delete': {
      const { address: gone } = operation;
      return { family: gone.family, words: ['address', 'delete', ...addressWords(gone)] };
    }
    case 'link.set':
      return { family: 'ipv4', words: linkSet(operation.change) };
    default:
      return operation satisfies never;
  }
}

/**
 * The words as one line of a batch, or null when they cannot be one. `ip` splits lines at blanks; a quote begins a word
 * that another ends; `#` begins a comment even within quotes, and a backslash at the end joins the next line. It ends at
 * a word that it does not like. So only words of harmless characters go this way.
 */
export const lineOf = ({ words }: IpCommand): string | null =>
  words.every((word) => /^[\w.:@/+-]+$/u.test(word)) ? words.join(' ') : null;
