import type { Family } from '../../../model/family.ts';
import type { Rule } from '../../../model/kernel.ts';
import { type DesiredRule, ownProtocol } from '../../../model/network.ts';
import {
  concatenate,
  decodeAttributes,
  decodeName,
  encodeAttribute,
  encodeName,
  encodeUint32,
  uint32,
  uint8,
} from './attribute.codec.ts';
import { decodePrefix, encodePrefix, familyNumbers, familyOf } from './ip.codec.ts';
import { viewOf } from './message.codec.ts';

/** struct fib_rule_hdr. */
const headerLength = 12;
const attribute = {
  destination: 1,
  source: 2,
  inputInterface: 3,
  goto: 4,
  priority: 6,
  mark: 10,
  flow: 11,
  suppressGroup: 13,
  suppressPrefixLength: 14,
  table: 15,
  mask: 16,
  outputInterface: 17,
  padding: 18,
  protocol: 21,
} as const;
const known: ReadonlySet<number> = new Set([...Object.values(attribute), 0]);
const inverted = 0x2;
const unset = 0xffff_ffff;
const actions: Readonly<Record<number, string>> = {
  1: 'lookup',
  2: 'goto',
  3: 'nop',
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
};

/** RTM_NEWRULE and RTM_DELRULE. Whatever else a rule matches on makes `hasOtherSelectors`, attributes of later kernels too. */
export function decodeRule(payload: Uint8Array): Rule | null {
  const family = familyOf(payload[0]);
  if (payload.length < headerLength || family === undefined) return null;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const [toLength, fromLength, typeOfService] = [view.getUint8(1), view.getUint8(2), view.getUint8(3)];
  const prefixOf = (type: number, length: number): string | null | undefined =>
    length === 0 && !attributes.has(type) ? null : decodePrefix(family, attributes.get(type), length);
  const from = prefixOf(attribute.source, fromLength);
  const to = prefixOf(attribute.destination, toLength);
  if (from === undefined || to === undefined) return null;
  const nameOf = (type: number): string | null => {
    const value = attributes.get(type);
    return value === undefined ? null : decodeName(value);
  };
  const suppress = uint32(attributes, attribute.suppressPrefixLength) ?? unset;
  const action = view.getUint8(7);
  return {
    family,
    priority: uint32(attributes, attribute.priority) ?? 0,
    action: actions[action] ?? `action ${action}`,
    table: uint32(attributes, attribute.table) ?? view.getUint8(4),
    from,
    to,
    inputInterface: nameOf(attribute.inputInterface),
    outputInterface: nameOf(attribute.outputInterface),
    mark: uint32(attributes, attribute.mark) ?? null,
    mask: uint32(attributes, attribute.mask) ?? null,
    suppressPrefixLength: suppress === unset ? null : suppress,
    protocol: uint8(attributes, attribute.protocol) ?? 0,
    hasOtherSelectors:
      typeOfService !== 0 ||
      (view.getUint32(8, true) & inverted) !== 0 ||
      (uint32(attributes, attribute.suppressGroup) ?? unset) !== unset ||
      (uint32(attributes, attribute.flow) ?? 0) !== 0 ||
      [...attributes.keys()].some((type) => !known.has(type)),
  };
}

/** The payload of RTM_NEWRULE; null when a prefix in it is none. */
export const encodeRuleAdd = (rule: DesiredRule): Uint8Array | null =>
  encodeRule({
    ...rule,
    action: 'lookup',
    to: null,
    inputInterface: null,
    mark: null,
    mask: null,
    protocol: ownProtocol,
  });

/**
 * The payload of RTM_DELRULE; null when a prefix in it is none. The kernel deletes the first rule that has all of this,
 * whatever it has besides. Linux 6.18 was seen to compare the protocol, older kernels do not: see that there is no
 * other, of whatever protocol, before sending it.
 */
export const encodeRuleDelete = (rule: Rule): Uint8Array | null => encodeRule(rule);

function encodeRule(rule: Omit<Rule, 'hasOtherSelectors'>): Uint8Array | null {
  const from = rule.from === null ? null : encodePrefix(rule.from);
  const to = rule.to === null ? null : encodePrefix(rule.to);
  const action = Object.entries(actions).find(([, name]) => name === rule.action)?.[0];
  if (action === undefined || from === undefined || to === undefined) return null;
  if ((from ?? rule).family !== rule.family || (to ?? rule).family !== rule.family) return null;
  const header = new Uint8Array(headerLength);
  header.set([familyNumbers[rule.family], to?.length ?? 0, from?.length ?? 0]);
  header[4] = rule.table > 255 ? 0 : rule.table;
  header[7] = Number(action);
  const parts = [header, encodeAttribute(attribute.priority, encodeUint32(rule.priority))];
  const add = (type: number, value: Uint8Array): void => {
    parts.push(encodeAttribute(type, value));
  };
  if (rule.table !== 0) add(attribute.table, encodeUint32(rule.table));
  if (from !== null) add(attribute.source, from.bytes);
  if (to !== null) add(attribute.destination, to.bytes);
  if (rule.inputInterface !== null) add(attribute.inputInterface, encodeName(rule.inputInterface));
  if (rule.outputInterface !== null) add(attribute.outputInterface, encodeName(rule.outputInterface));
  if (rule.mark !== null) add(attribute.mark, encodeUint32(rule.mark));
  if (rule.mask !== null) add(attribute.mask, encodeUint32(rule.mask));
  if (rule.suppressPrefixLength !== null) add(attribute.suppressPrefixLength, encodeUint32(rule.suppressPrefixLength));
  add(attribute.protocol, new Uint8Array([rule.protocol]));
  return concatenate(...parts);
}

/** The payload of RTM_GETRULE as a dump. */
export function encodeRuleDump(family: Family): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  bytes[0] = familyNumbers[family];
  return bytes;
}
