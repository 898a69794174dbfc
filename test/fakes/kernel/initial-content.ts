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

/** What a test says of a link it adds; the rest is as for an Ethernet port. */
export interface NewLink extends Partial<Omit<Link, 'index' | 'hasCarrier' | 'isUp'>> {
  readonly name: string;
  readonly index?: number;
  /** `ip link set up`; down when not said. */
  readonly isUp?: boolean;
  /** A cable is in, and something lives at its other end; true when not said. */
  readonly isPlugged?: boolean;
}

/** A link as it appears: down, with a MAC address of its own. */
export function linkOf(index: number, name: string, rest: Partial<Omit<Link, 'hasCarrier' | 'isUp'>>): Link {
  const octet = (shift: number): string => ((index >> shift) & 0xff).toString(16).padStart(2, '0');
  return {
    kind: null,
    hardwareType: 1,
    isLoopback: false,
    isPointToPoint: false,
    mtu: 1500,
    macAddress: `02:00:00:00:${octet(8)}:${octet(0)}`,
    lowerIndex: index,
    masterIndex: null,
    ...rest,
    index,
    name,
    isUp: false,
    hasCarrier: false,
  };
}
