import type { Family } from '../../../src/model/family.ts';
import { defaultTable, type Link, localTable, mainTable, type Rule } from '../../../src/model/kernel.ts';

/** What is there in a network namespace that was made just now. */
export const loopback: Link = {
  index: 1,
  name: 'lo',
  kind: null,
  hardwareType: 772,
  isUp: true,
  hasCarrier: true,
  isLoopback: true,
  isPointToPoint: false,
  mtu: 65_536,
  macAddress: '00:00:00:00:00:00',
  lowerIndex: 1,
  masterIndex: null,
};

const standardRule = (family: Family, priority: number, table: number): Rule => ({
  family,
  priority,
  action: 'lookup',
  table,
  from: null,
  to: null,
  inputInterface: null,
  outputInterface: null,
  mark: null,
  mask: null,
  suppressPrefixLength: null,
  protocol: 2,
  hasOtherSelectors: false,
});

export const standardRules: readonly Rule[] = [
  standardRule('ipv4', 0, localTable),
  standardRule('ipv6', 0, localTable),
  standardRule('ipv4', 32_766, mainTable),
  standardRule('ipv6', 32_766, mainTable),
  standardRule('ipv4', 32_767, defaultTable),
];
