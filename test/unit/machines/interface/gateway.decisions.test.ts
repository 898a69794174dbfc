import { describe, expect, test } from 'vitest';
import { assess, pathIdentity } from '../../../../src/machines/interface/candidacy.decisions.ts';
import { classify } from '../../../../src/machines/interface/classification.decisions.ts';
import { findGateway, type Gateway } from '../../../../src/machines/interface/gateway.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { noDeviceFacts } from '../../../../src/model/interface.ts';
import { perFamily } from '../../../../src/model/family.ts';
import type { DefaultRouteEvidence, InterfaceFacts } from '../../../../src/model/interface.ts';
import { address, facts } from '../examples.ts';

const route = (gateway: string | null, overrides: Partial<DefaultRouteEvidence> = {}): DefaultRouteEvidence => ({
  family: 'ipv4',
  gateway,
  table: 254,
  metric: 100,
  protocol: 16,
  ...overrides,
});

const candidacyOf = (overrides: Partial<InterfaceFacts>, configured: string | null = null) => {
  const known = facts(overrides);
  const gateways = perFamily((family) => findGateway(family, known, family === 'ipv4' ? configured : null, null));
  return assess(known, classify(known, defaultConfig), gateways, []);
};

describe('DISC-6: the gateway', () => {
  const gatewayOf = (
    overrides: Partial<InterfaceFacts>,
    configured: string | null = null,
    before: Gateway | null = null,
  ) => findGateway('ipv4', facts(overrides), configured, before)?.address;

  test('is that of the default route with the best metric, in whatever table', () => {
    const defaultRoutes = [route('10.0.2.9', { metric: 200 }), route('10.0.2.2', { metric: 50, table: 100 })];
    expect(gatewayOf({ defaultRoutes })).toBe('10.0.2.2');
  });

  test('a route by another program outweighs an advertisement, and that the configuration', () => {
    const advertised = route('10.0.2.3', { protocol: 9, metric: 1 });
    expect(gatewayOf({ defaultRoutes: [advertised, route('10.0.2.2', { metric: 900 })] })).toBe('10.0.2.2');
    expect(gatewayOf({ defaultRoutes: [advertised] }, '10.0.2.4')).toBe('10.0.2.3');
    expect(gatewayOf({ defaultRoutes: [] }, '10.0.2.4')).toBe('10.0.2.4');
  });

  test('once learned is kept while its address lasts, ahead of the configuration', () => {
    const learned = findGateway('ipv4', facts(), null, null);
    expect(gatewayOf({ defaultRoutes: [] }, '10.0.2.4', learned)).toBe('10.0.2.1');
    expect(gatewayOf({ defaultRoutes: [], addresses: { ipv4: [address('10.0.2.77')], ipv6: [] } }, null, learned)).toBe(
      '10.0.2.1',
    );
    expect(
      gatewayOf({ defaultRoutes: [], addresses: { ipv4: [address('172.16.0.5')], ipv6: [] } }, null, learned),
    ).toBeUndefined();
    expect(gatewayOf({ defaultRoutes: [], addresses: { ipv4: [], ipv6: [] } }, null, learned)).toBeUndefined();
  });

  test('a link-local one is kept while there is any global address', () => {
    const known = facts({
      addresses: { ipv4: [], ipv6: [address('2001:db8::5', 64)] },
      defaultRoutes: [route('fe80::1', { family: 'ipv6', protocol: 4 })],
    });
    const learned = findGateway('ipv6', known, null, null);
    const renumbered = { ...known, defaultRoutes: [], addresses: { ipv4: [], ipv6: [address('2001:db8:9::7', 64)] } };
    expect(findGateway('ipv6', renumbered, null, learned)?.address).toBe('fe80::1');
  });

  test('that was advertised is one for as long as its router says so', () => {
    const known = facts({
      addresses: { ipv4: [], ipv6: [address('2001:db8::5', 64)] },
      defaultRoutes: [route('fe80::1', { family: 'ipv6', protocol: 9 })],
    });
    const advertised = findGateway('ipv6', known, null, null);
    expect(advertised?.address).toBe('fe80::1');
    const withdrawn = { ...known, defaultRoutes: [] };
    expect(findGateway('ipv6', withdrawn, null, advertised)).toBeNull();
    expect(findGateway('ipv6', withdrawn, '2001:db8::1', advertised)).toMatchObject({ source: 'configuration' });
  });

  test('of two routes with the same metric is that of the first', () => {
    expect(gatewayOf({ defaultRoutes: [route('10.0.2.8'), route('10.0.2.9')] })).toBe('10.0.2.8');
    expect(gatewayOf({ defaultRoutes: [route('10.0.2.8', { metric: 1 }), route('10.0.2.9', { metric: 2 })] })).toBe(
      '10.0.2.8',
    );
  });

  test('of a route without one is none, which is trusted', () => {
    expect(findGateway('ipv4', facts({ defaultRoutes: [route(null)] }), null, null)).toEqual({
      address: null,
      source: 'route',
      isOutside: false,
      learnedWith: '10.0.2.5',
    });
  });

  test.each([
    ['route', 16],
    ['advertisement', 9],
  ])('tells that it was learned from a %s, and with which address', (source, protocol) => {
    const known = facts({ defaultRoutes: [route('10.0.2.1', { protocol })] });
    expect(findGateway('ipv4', known, null, null)).toEqual({
      address: '10.0.2.1',
      source,
      isOutside: false,
      learnedWith: '10.0.2.5',
    });
  });

  test('of the configuration, or of a point-to-point link, is not learned: it goes as the facts go', () => {
    const configured = findGateway('ipv4', facts({ defaultRoutes: [] }), '10.0.2.4', null);
    expect(configured).toMatchObject({ source: 'configuration', learnedWith: null });
    expect(gatewayOf({ defaultRoutes: [] }, null, configured)).toBeUndefined();
    const known = facts({ isPointToPoint: true, defaultRoutes: [] });
    const none = findGateway('ipv4', known, null, null);
    expect(none).toEqual({ address: null, source: 'pointToPoint', isOutside: false, learnedWith: null });
    expect(findGateway('ipv4', facts({ defaultRoutes: [] }), null, none)).toBeNull();
    expect(findGateway('ipv4', { ...known, addresses: { ipv4: [], ipv6: [] } }, null, null)).toBeNull();
  });

  test('outside the subnet is kept while the address lasts with which it was learned', () => {
    const two = { ipv4: [address('10.0.2.5'), address('10.0.2.6')], ipv6: [] };
    const learned = findGateway('ipv4', facts({ addresses: two, defaultRoutes: [route('172.31.1.1')] }), null, null);
    expect(gatewayOf({ addresses: two, defaultRoutes: [] }, null, learned)).toBe('172.31.1.1');
    const other = { ipv4: [address('10.0.2.6')], ipv6: [] };
    expect(gatewayOf({ addresses: other, defaultRoutes: [] }, null, learned)).toBeUndefined();
  });

  test('may be the peer of an address, and in the network of any of several', () => {
    const peer = { ...address('10.9.9.5', 32), peer: '10.9.9.1' };
    const defaultRoutes = [route('10.9.9.1')];
    expect(candidacyOf({ addresses: { ipv4: [address('10.0.2.5'), peer], ipv6: [] }, defaultRoutes }).problems).toEqual(
      [],
    );
  });

  test('without a gateway at all a configured one is not kept for ever', () => {
    const gone = findGateway('ipv4', facts({ defaultRoutes: [route(null)] }), null, null);
    const renumbered = { ipv4: [address('10.0.2.77')], ipv6: [] };
    expect(findGateway('ipv4', facts({ defaultRoutes: [], addresses: renumbered }), null, gone)).toBeNull();
  });

  test('is not needed on a point-to-point link', () => {
    expect(candidacyOf({ isPointToPoint: true, defaultRoutes: [] }).paths.ipv4?.gateway).toBeNull();
  });

  test('DISC-6: is not needed by MBIM, which looks like Ethernet, but by other modems that do', () => {
    const known = (driver: string) => ({ device: { ...noDeviceFacts, driver, bus: 'usb' }, defaultRoutes: [] });
    expect(candidacyOf(known('cdc_mbim')).paths.ipv4?.gateway).toBeNull();
    expect(candidacyOf(known('qmi_wwan')).paths.ipv4).toBeNull();
  });

  test('outside the subnet is used when a route goes by it, and is reported', () => {
    const { paths, problems } = candidacyOf({ defaultRoutes: [route('172.31.1.1')] });
    expect([paths.ipv4?.gateway, problems[0]?.code]).toEqual(['172.31.1.1', 'uplink.gatewayOutsideSubnet']);
  });

  test('outside the subnet is refused when only the configuration names it, and is reported', () => {
    const { paths, problems } = candidacyOf({ defaultRoutes: [] }, '172.31.1.1');
    expect([paths.ipv4, problems[0]?.code]).toEqual([null, 'uplink.gatewayOutsideSubnet']);
  });

  test('of the configuration is used where it lies in the network', () => {
    expect(candidacyOf({ defaultRoutes: [] }, '10.0.2.4')).toMatchObject({
      paths: { ipv4: { gateway: '10.0.2.4' } },
      problems: [],
    });
  });

  test('without one a family has no way out', () => {
    expect(candidacyOf({ defaultRoutes: [] })).toMatchObject({ isCandidate: true, paths: { ipv4: null } });
  });
});

describe('a path', () => {
  test('leaves from an address in the network of its gateway', () => {
    const addresses = { ipv4: [address('172.16.0.5'), address('10.0.2.5')], ipv6: [] };
    expect(candidacyOf({ addresses }).paths.ipv4?.addresses[0]?.address).toBe('10.0.2.5');
  });

  test('leaves from a public IPv6 address rather than a unique local one', () => {
    const { paths } = candidacyOf({
      addresses: { ipv4: [], ipv6: [address('fd00::5', 64), address('2001:db8::5', 64)] },
      defaultRoutes: [route('fe80::1', { family: 'ipv6', protocol: 9 })],
    });
    expect(paths.ipv6?.addresses[0]?.address).toBe('2001:db8::5');
  });

  test('keeps the kernel’s order of addresses where none is better', () => {
    const own = (family: 'ipv4' | 'ipv6', list: readonly ReturnType<typeof address>[], gateway: string) => {
      const addresses = { ipv4: [], ipv6: [], [family]: list };
      const { paths } = candidacyOf({ addresses, defaultRoutes: [route(gateway, { family })] });
      return paths[family]?.addresses.map((one) => one.address);
    };
    expect(own('ipv4', [address('10.0.2.9'), address('10.0.2.5')], '10.0.2.1')).toEqual(['10.0.2.9', '10.0.2.5']);
    // In the gateway's network, though unique local, before a public one that is not.
    const [near, far] = [address('fd00::5', 64), address('2001:db8::5', 64)];
    expect(own('ipv6', [far, near], 'fd00::1')).toEqual(['fd00::5', '2001:db8::5']);
    expect(own('ipv6', [near, address('2001:db8::5', 8)], '2001:db8::1')).toEqual(['2001:db8::5', 'fd00::5']);
  });

  test('on a link that needs no gateway leaves from a public IPv6 address all the same', () => {
    const addresses = { ipv4: [], ipv6: [address('fd00::5', 64), address('fe00::5', 64), address('2001:db8::5', 64)] };
    const { paths } = candidacyOf({ addresses, isPointToPoint: true, defaultRoutes: [] });
    expect(paths.ipv6?.addresses.map((one) => one.address)).toEqual(['fe00::5', '2001:db8::5', 'fd00::5']);
  });

  test('is told with source, gateway and generation', () => {
    const path = { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' };
    expect(pathIdentity(path, '1.2')).toBe('10.0.2.5 via 10.0.2.1 #1.2');
    expect(pathIdentity({ ...path, gateway: null }, '1.2')).toBe('10.0.2.5 via the link #1.2');
  });

  test('is another one with another source, gateway or generation', () => {
    const path = { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' };
    const identities = [
      pathIdentity(path, '1.1'),
      pathIdentity(path, '1.2'),
      pathIdentity({ ...path, gateway: '10.0.2.2' }, '1.1'),
      pathIdentity({ ...path, gateway: null }, '1.1'),
      pathIdentity({ ...path, addresses: [address('10.0.2.6')] }, '1.1'),
    ];
    expect(new Set(identities).size).toBe(identities.length);
  });
});
