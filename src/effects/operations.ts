import { isDefault, type KernelState, type Route, type Rule } from '../model/kernel.ts';
import type {
  AddressRecord,
  DesiredAddress,
  DesiredNeighbour,
  DesiredRoute,
  DesiredRule,
  DesiredSetting,
  LinkChange,
  LinkRecord,
  Operation,
  Setting,
  SettingRecord,
} from '../model/network.ts';

/** The operation of one type. */
export type OperationOf<Type extends Operation['type']> = Extract<Operation, { type: Type }>;

/** What names links for people; the kernel's links will do. */
export type LinkNames = KernelState['links'];

const nameOf = (index: number | null, links: LinkNames): string =>
  index === null ? 'none' : (links.get(index)?.name ?? `if${index}`);

/** A route in iproute2's words: `default via 192.0.2.1 dev eth0 metric 10 table 200`. */
export function describeRoute(route: Route | DesiredRoute, links: LinkNames): string {
  const type = 'type' in route && route.type !== 'unicast' ? `${route.type} ` : '';
  const to = isDefault(route) ? (route.family === 'ipv6' ? '-6 default' : 'default') : route.destination;
  const via = route.gateway === null ? '' : ` via ${route.gateway}`;
  return `route ${type}${to}${via} dev ${nameOf(route.linkIndex, links)} metric ${route.metric} table ${route.table}`;
}

/** A rule in iproute2's words: `rule 1000: from all oif eth0 lookup 100`. */
export function describeRule(rule: Rule | DesiredRule): string {
  const family = rule.family === 'ipv6' ? '-6 ' : '';
  const to = 'to' in rule && rule.to !== null ? ` to ${rule.to}` : '';
  const mark = 'mark' in rule && rule.mark !== null ? ` fwmark ${rule.mark}/${rule.mask ?? '-'}` : '';
  const input = 'inputInterface' in rule && rule.inputInterface !== null ? ` iif ${rule.inputInterface}` : '';
  const output = rule.outputInterface === null ? '' : ` oif ${rule.outputInterface}`;
  const action = 'action' in rule && rule.action !== 'lookup' ? rule.action : `lookup ${rule.table}`;
  const suppress = rule.suppressPrefixLength === null ? '' : ` suppress_prefixlength ${rule.suppressPrefixLength}`;
  return `rule ${family}${rule.priority}: from ${rule.from ?? 'all'}${to}${mark}${input}${output} ${action}${suppress}`;
}

export const describeSetting = (s: Setting): string => `setting net.${s.family}.conf.${s.interface}.${s.key}`;

export const replaceRoute = (route: DesiredRoute, links: LinkNames): OperationOf<'route.replace'> => ({
  type: 'route.replace',
  target: describeRoute(route, links),
  because: route.because,
  route,
});

export const deleteRoute = (route: Route, because: string, links: LinkNames): OperationOf<'route.delete'> => ({
  type: 'route.delete',
  target: describeRoute(route, links),
  because,
  route,
});

export const addRule = (rule: DesiredRule): OperationOf<'rule.add'> => ({
  type: 'rule.add',
  target: describeRule(rule),
  because: rule.because,
  rule,
});

export const deleteRule = (rule: Rule, because: string): OperationOf<'rule.delete'> => ({
  type: 'rule.delete',
  target: describeRule(rule),
  because,
  rule,
});

export const resolveNeighbour = (neighbour: DesiredNeighbour, links: LinkNames): OperationOf<'neighbour.resolve'> => ({
  type: 'neighbour.resolve',
  target: `neighbour ${neighbour.address} dev ${nameOf(neighbour.linkIndex, links)}`,
  because: neighbour.because,
  neighbour,
});

export const writeSetting = (setting: DesiredSetting, before: string): OperationOf<'setting.write'> => ({
  type: 'setting.write',
  target: describeSetting(setting),
  because: setting.because,
  setting,
  before,
});

export const restoreSetting = (record: SettingRecord): OperationOf<'setting.restore'> => ({
  type: 'setting.restore',
  target: describeSetting(record),
  because: `${record.interface} is no uplink any more: it gets back what it had`,
  record,
});

export const forgetSetting = (record: SettingRecord, because: string): OperationOf<'setting.forget'> => ({
  type: 'setting.forget',
  target: describeSetting(record),
  because,
  record,
});

const describeAddress = ({ address, prefixLength, interface: name }: AddressRecord): string =>
  `address ${address}/${prefixLength} dev ${name}`;

const describeLink = (name: string, { isUp, mtu }: LinkChange): string =>
  `link ${name}${isUp === null ? '' : isUp ? ' up' : ' down'}${mtu === null ? '' : ` mtu ${mtu}`}`;

export const addAddress = (address: DesiredAddress): OperationOf<'address.add'> => ({
  type: 'address.add',
  target: describeAddress(address),
  because: address.because,
  address,
});

export const deleteAddress = (address: AddressRecord, because: string): OperationOf<'address.delete'> => ({
  type: 'address.delete',
  target: describeAddress(address),
  because,
  address,
});

export const forgetAddress = (address: AddressRecord): OperationOf<'address.forget'> => ({
  type: 'address.forget',
  target: describeAddress(address),
  because: 'it is not there any more, and nobody wants it',
  address,
});

export const setLink = (change: LinkChange, record: LinkRecord, because: string): OperationOf<'link.set'> => ({
  type: 'link.set',
  target: describeLink(record.interface, change),
  because,
  change,
  record,
});

export const restoreLink = (change: LinkChange, record: LinkRecord): OperationOf<'link.restore'> => ({
  type: 'link.restore',
  target: describeLink(record.interface, change),
  because: `${record.interface} is needed no more: it gets back what it had`,
  change,
  record,
});

export const forgetLink = (record: LinkRecord, because: string): OperationOf<'link.forget'> => ({
  type: 'link.forget',
  target: `link ${record.interface}`,
  because,
  record,
});

/** What attempts are counted by: writing an object and deleting it are two things. */
export const operationKey = (operation: Operation): string => `${operation.type} ${operation.target}`;

/** The ifindex an operation depends on; null when it depends on none. */
export function linkOf(operation: Operation): number | null {
  switch (operation.type) {
    case 'route.replace':
    case 'route.delete':
      return operation.route.linkIndex;
    case 'neighbour.resolve':
      return operation.neighbour.linkIndex;
    case 'setting.write':
      return operation.setting.linkIndex;
    case 'address.add':
    case 'address.delete':
    case 'address.forget':
      return operation.address.linkIndex;
    case 'link.set':
    case 'link.restore':
    case 'link.forget':
      return operation.record.linkIndex;
    case 'setting.restore':
    case 'setting.forget':
      return operation.record.linkIndex;
    case 'rule.add':
    case 'rule.delete':
    case 'hotspot.start':
    case 'hotspot.change':
    case 'hotspot.stop':
    case 'qdisc.replace':
    case 'qdisc.delete':
    case 'sorting.replace':
    case 'sorting.delete':
      return null;
    case 'dns.set':
    case 'dns.restore':
    case 'dns.forget':
      return operation.record.linkIndex;
    default:
      return operation satisfies never;
  }
}
