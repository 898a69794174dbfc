import { describe, expect, test } from 'vitest';
import { assess, findClaims } from '../../../../src/machines/interface/candidacy.decisions.ts';
import { classify } from '../../../../src/machines/interface/classification.decisions.ts';
import { findGateway } from '../../../../src/machines/interface/gateway.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
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

describe('DISC-5: a candidate', () => {
  test('is up, has carrier, an address and a known type', () => {
    expect(candidacyOf({})).toMatchObject({ isCandidate: true, because: null });
  });

  test.each([
    ['it is down', { isUp: false }],
    ['it is down', { isUp: false, hasCarrier: true }],
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

  test('without an address of its own says who has it, and is preferred', () => {
    const known = facts({ addresses: { ipv4: [address('10.0.2.5'), address('10.0.2.6')], ipv6: [] } });
    const claims = ['10.0.2.5', '10.0.2.6'].map((text) => ({ address: text, by: 'eth9' }));
    const gateways = perFamily((family) => findGateway(family, known, null, null));
    expect(assess(known, classify(known, defaultConfig), gateways, claims).because).toBe(
      'eth9 has 10.0.2.5 too, eth9 has 10.0.2.6 too, and is preferred',
    );
  });

  test.each([
    ['the type of the higher bias', 'wlan0', 'eth0', 'eth0'],
    ['the first by name among the same type', 'eth1', 'eth0', 'eth0'],
  ])('of two with the same address %s keeps it, in whatever order they are found', (_, a, b, keeps) => {
    const holders = [a, b].map((name, index) => {
      const known = facts({ index, name, addresses: { ipv4: [], ipv6: [address('2001:db8::5', 64)] } });
      return { facts: known, classification: classify(known, defaultConfig) };
    });
    for (const order of [holders, holders.toReversed()]) {
      const claims = [...findClaims(order, defaultConfig.scoring.bias).values()].flat();
      expect(claims).toEqual([{ address: '2001:db8::5', by: keeps }]);
    }
  });

  test('a type whose bias is barely higher keeps the address all the same', () => {
    const holders = ['wlan0', 'eth0'].map((name, index) => {
      const known = facts({ index, name, addresses: facts().addresses });
      return { facts: known, classification: classify(known, defaultConfig) };
    });
    const bias = { ...defaultConfig.scoring.bias, ethernet: 80, wifi: 80.5 };
    for (const order of [holders, holders.toReversed()]) {
      expect([...findClaims(order, bias).values()].flat()).toEqual([{ address: '10.0.2.5', by: 'wlan0' }]);
    }
  });

  test('that shares all addresses of one family has no way out in it, and no complaint about its gateway', () => {
    const addresses = { ipv4: [address('10.0.2.5')], ipv6: [address('2001:db8::5', 64)] };
    const defaultRoutes = [route('172.31.1.1'), route('fe80::1', { family: 'ipv6', protocol: 9 })];
    const known = facts({ addresses, defaultRoutes });
    const gateways = perFamily((family) => findGateway(family, known, null, null));
    const claims = [{ address: '10.0.2.5', by: 'eth9' }];
    const { isCandidate, paths, problems } = assess(known, classify(known, defaultConfig), gateways, claims);
    expect([isCandidate, paths.ipv4, paths.ipv6?.gateway]).toEqual([true, null, 'fe80::1']);
    expect(problems.map(({ code }) => code)).toEqual(['uplink.duplicateAddress']);
  });

  test('an interface of an unknown type claims no address', () => {
    const foo = facts({ index: 2, name: 'a-foo' });
    const bnep = facts({ index: 3, name: 'bnep0', addresses: foo.addresses });
    const holders = [foo, bnep].map((known) => ({ facts: known, classification: classify(known, defaultConfig) }));
    const bias = { ...defaultConfig.scoring.bias, unknown: 1000 };
    expect(findClaims(holders, bias).size).toBe(0);
  });

  test('an interface without carrier claims no address', () => {
    const eth = facts({ index: 2, name: 'eth0', hasCarrier: false });
    const wlan = facts({ index: 3, name: 'wlan0', addresses: eth.addresses });
    const holders = [eth, wlan].map((known) => ({ facts: known, classification: classify(known, defaultConfig) }));
    expect(findClaims(holders, defaultConfig.scoring.bias).size).toBe(0);
  });
});
