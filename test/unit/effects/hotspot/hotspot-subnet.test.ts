import { expect, test } from 'vitest';
import { chooseNetwork } from '../../../../src/effects/hotspot/hotspot.subnet.ts';
import { defaultConfig } from '../../../../src/model/config.ts';

const wanted = defaultConfig.hotspot;
const configured = {
  address: '192.168.50.1',
  prefixLength: 24,
  dhcpStart: '192.168.50.100',
  dhcpEnd: '192.168.50.200',
};

test('AP-2: the configured network is taken where it is free, whatever IPv6 there is', () => {
  expect(chooseNetwork(wanted, ['192.168.1.5/24', 'fd00::1/64', 'nonsense'], null)).toEqual(configured);
});

test('AP-2: one that collides, also in part, is moved to the next free one, hosts and all', () => {
  expect(chooseNetwork(wanted, ['192.168.50.9/32'], null)).toEqual({
    address: '192.168.51.1',
    prefixLength: 24,
    dhcpStart: '192.168.51.100',
    dhcpEnd: '192.168.51.200',
  });
  expect(chooseNetwork(wanted, ['192.168.0.1/16'], null)).toMatchObject({ address: '10.0.0.1', dhcpEnd: '10.0.0.200' });
  expect(chooseNetwork(wanted, ['192.168.0.1/16', '10.0.0.1/15'], null)).toMatchObject({ address: '10.2.0.1' });
});

test('AP-2: one that is in use stays while it is free, and moves when it is not', () => {
  const current = { ...configured, address: '192.168.77.1', dhcpStart: '192.168.77.100', dhcpEnd: '192.168.77.200' };
  expect(chooseNetwork(wanted, [], current)).toBe(current);
  expect(chooseNetwork(wanted, ['192.168.77.0/25'], current)).toEqual(configured);
});

test('AP-2: networks of another size are moved to ones of that size; none is left when all is taken', () => {
  const large = { ipAddress: '10.8.0.1', prefixLength: 12, dhcpStart: '10.8.1.0', dhcpEnd: '10.8.2.0' };
  expect(chooseNetwork(large, ['10.0.0.5/24'], null)).toMatchObject({ address: '10.24.0.1', dhcpStart: '10.24.1.0' });
  expect(chooseNetwork(large, ['10.0.0.5/8'], null)).toBeNull();
  const small = {
    ipAddress: '192.168.50.129',
    prefixLength: 28,
    dhcpStart: '192.168.50.130',
    dhcpEnd: '192.168.50.140',
  };
  expect(chooseNetwork(small, ['192.168.50.128/28'], null)).toMatchObject({
    address: '192.168.50.1',
    dhcpEnd: '192.168.50.12',
  });
});
