import { describe, expect, test } from 'vitest';
import { assess, findClaims, pathIdentity } from '../../../src/machines/candidacy.decisions.ts';
import { classify } from '../../../src/machines/classification.decisions.ts';
import { findGateway, type Gateway } from '../../../src/machines/gateway.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { perFamily } from '../../../src/model/family.ts';
import type { DefaultRouteEvidence, InterfaceFacts } from '../../../src/model/interface.ts';
import { address, facts } from './examples.ts';

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

describe('DISC-5: a candidate', () => {
  test('is up, has carrier, an address and a known type', () => {
    expect(candidacyOf({})).toMatchObject({ isCandidate: true, because: null });
  });

  test.each([
    ['it is down', { isUp: false }],
    ['it has no carrier', { hasCarrier: false }],
    ['it has no address of global scope', { addresses: { ipv4: [], ipv6: [] } }],
    ['its type is unknown: nothing tells what foo0 is', { name: 'foo0' }],
  ])('is none because %s', (because, overrides) => {
    expect(candidacyOf(overrides)).toMatchObject({ isCandidate: false, because, paths: { ipv4: null, ipv6: null } });
  });

  test('of two interfaces with the same address only the better one uses it, and the other is reported', () => {
    const eth = facts({ index: 2, name: 'eth0', addresses: { ipv4: [address('192.168.42.5')], ipv6: [] } });
    const wlan = facts({ index: 3, name: 'wlan0', addresses: { ipv4: [address('192.168.42.5')], ipv6: [] } });
    const holders = [wlan, eth].map((known) => ({ facts: known, classification: classify(known, defaultConfig) }));
    const claims = findClaims(holders, defaultConfig.scoring.bias);
    expect([...claims]).toEqual([[3, [{ address: '192.168.42.5', by: 'eth0' }]]]);

    const gateway = perFamily((family) => findGateway(family, wlan, null, null));
    const candidacy = assess(wlan, classify(wlan, defaultConfig), gateway, claims.get(3) ?? []);
    expect(candidacy.isCandidate).toBe(false);
    expect(candidacy.problems.map(({ code }) => code)).toContain('uplink.duplicateAddress');
  });

  test('keeps its other addresses when it shares one', () => {
    const claims = [{ address: '10.0.2.5', by: 'eth9' }];
    const known = facts({ addresses: { ipv4: [address('10.0.2.5'), address('10.0.2.6')], ipv6: [] } });
    const gateways = perFamily((family) => findGateway(family, known, null, null));
    const { isCandidate, paths } = assess(known, classify(known, defaultConfig), gateways, claims);
    expect([isCandidate, paths.ipv4?.addresses.map((own) => own.address)]).toEqual([true, ['10.0.2.6']]);
  });

  test('an interface without carrier claims no address', () => {
    const eth = facts({ index: 2, name: 'eth0', hasCarrier: false });
    const wlan = facts({ index: 3, name: 'wlan0', addresses: eth.addresses });
    const holders = [eth, wlan].map((known) => ({ facts: known, classification: classify(known, defaultConfig) }));
    expect(findClaims(holders, defaultConfig.scoring.bias).size).toBe(0);
  });
});

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
      defaultRoutes: [route('fe80::1', { family: 'ipv6', protocol: 9 })],
    });
    const learned = findGateway('ipv6', known, null, null);
    const renumbered = { ...known, defaultRoutes: [], addresses: { ipv4: [], ipv6: [address('2001:db8:9::7', 64)] } };
    expect(findGateway('ipv6', renumbered, null, learned)?.address).toBe('fe80::1');
  });

  test('is not needed on a point-to-point link', () => {
    expect(candidacyOf({ isPointToPoint: true, defaultRoutes: [] }).paths.ipv4?.gateway).toBeNull();
  });

  test('outside the subnet is used when a route goes by it, and is reported', () => {
    const { paths, problems } = candidacyOf({ defaultRoutes: [route('172.31.1.1')] });
    expect([paths.ipv4?.gateway, problems[0]?.code]).toEqual(['172.31.1.1', 'uplink.gatewayOutsideSubnet']);
  });

  test('outside the subnet is refused when only the configuration names it, and is reported', () => {
    const { paths, problems } = candidacyOf({ defaultRoutes: [] }, '172.31.1.1');
    expect([paths.ipv4, problems[0]?.code]).toEqual([null, 'uplink.gatewayOutsideSubnet']);
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
