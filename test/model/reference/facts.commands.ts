import type { PerFamily } from '../../../src/model/family.ts';
import type { DefaultRouteEvidence, InterfaceAddress } from '../../../src/model/interface.ts';
import { address } from '../../unit/machines/examples.ts';

export type AddressChoice = 'none' | 'one' | 'other' | 'both' | 'far';

/** Addresses to have; `far` ones have the gateway out of sight. */
export const addresses: PerFamily<Readonly<Record<AddressChoice, readonly InterfaceAddress[]>>> = {
  ipv4: {
    none: [],
    one: [address('10.0.2.5')],
    other: [address('10.0.2.6')],
    both: [address('10.0.2.5'), address('10.0.2.6')],
    far: [address('172.16.0.5')],
  },
  ipv6: {
    none: [],
    one: [address('2001:db8::5', 64)],
    other: [address('2001:db8::6', 64)],
    both: [address('2001:db8::5', 64), address('2001:db8::6', 64)],
    far: [address('2001:db8:9::5', 64)],
  },
};

const route = (family: 'ipv4' | 'ipv6', gateway: string, protocol: number, metric: number): DefaultRouteEvidence => ({
  family,
  gateway,
  table: 254,
  metric,
  protocol,
});

/** Default routes of other programs to see, best metric first. */
export const routes: PerFamily<readonly (readonly DefaultRouteEvidence[])[]> = {
  ipv4: [
    [],
    [route('ipv4', '10.0.2.1', 16, 100)],
    [route('ipv4', '10.0.2.2', 4, 50), route('ipv4', '10.0.2.1', 16, 100)],
    [route('ipv4', '10.0.2.3', 9, 10), route('ipv4', '10.0.2.1', 16, 100)],
  ],
  ipv6: [
    [],
    [route('ipv6', 'fe80::1', 9, 100)],
    [route('ipv6', 'fe80::2', 9, 50), route('ipv6', 'fe80::1', 9, 100)],
    [route('ipv6', '2001:db8::1', 16, 500), route('ipv6', 'fe80::1', 9, 10)],
  ],
};
