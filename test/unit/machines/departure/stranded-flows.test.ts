import { describe, expect, test } from 'vitest';
import {
  defaultConfig,
  defaultMeteredPolicy,
  noGateways,
  type Config,
  type UplinkPolicy,
} from '../../../../src/model/config.ts';
import { address, facts } from '../examples.ts';
import { threeUplinks, type NodeBench } from '../node-bench.ts';

const withPolicy = (name: string, policy: UplinkPolicy): Config => ({
  ...defaultConfig,
  uplinks: [{ match: { name }, type: null, gateway: noGateways, dhcp: false, policy, dns: [] }],
});

const ended = (node: NodeBench) => node.context.intent.stranded.map(({ name, family }) => `${name} ${family}`);
const departures = (node: NodeBench) =>
  node.status.departures.map(({ iface, state, endsInMs }) => [iface, state, endsInMs]);

/** A node whose uplinks have all been measured for a while: eth0 carries the traffic. */
function settled(config?: Config): NodeBench {
  const node = threeUplinks(config);
  node.settle([2, 3, 4], 30);
  return node;
}

/** From eth0 to wlan0, and back when eth0 is better again. */
function failBack(config?: Config): NodeBench {
  const node = settled(config);
  node.change(2, { hasCarrier: false });
  node.change(2, { hasCarrier: true });
  while (node.activeName !== 'eth0') node.settle([2, 3, 4], 5);
  return node;
}

describe('flows by an uplink that was left', () => {
  test('are ended when it has lost its carrier: those from the addresses that it had', () => {
    const node = settled();
    const { addresses, defaultRoutes } = facts({ index: 2 });
    node.change(2, { hasCarrier: false });
    expect(node.context.intent.stranded).toEqual([
      {
        index: 2,
        name: 'eth0',
        family: 'ipv4',
        path: { addresses: addresses.ipv4, gateway: defaultRoutes[0]?.gateway },
        since: node.clock.now(),
        because: 'eth0 leads nowhere any more',
      },
    ]);
    expect(departures(node)).toEqual([['eth0', 'ended', null]]);
  });

  test('are ended when its probes fail while another is reachable', () => {
    const node = settled();
    node.bad(2);
    expect(ended(node)).toEqual([]);
    node.bad(2);
    expect(node.activeName).toBe('wlan0');
    expect(ended(node)).toEqual(['eth0 ipv4']);
  });

  test('are ended when its interface is gone, and forgotten with the switch after', () => {
    const node = settled();
    node.lose(2);
    expect(ended(node)).toEqual(['eth0 ipv4']);
    node.bad(3);
    node.bad(3);
    expect(node.activeName).toBe('wwan0');
    expect(ended(node)).toEqual(['wlan0 ipv4']);
    expect(departures(node)).toEqual([['wlan0', 'ended', null]]);
  });

  test('are kept while there is no other way out, and ended as soon as there is one', () => {
    const node = settled();
    for (const index of [3, 4, 2]) node.change(index, { hasCarrier: false });
    expect(node.activeName).toBeNull();
    expect(ended(node).includes('eth0 ipv4')).toBe(false);
    node.change(3, { hasCarrier: true });
    node.good(3);
    expect(node.activeName).toBe('wlan0');
    expect(ended(node)).toEqual(['eth0 ipv4']);
  });

  test('are left alone when it is the first to come back', () => {
    const node = settled();
    for (const index of [3, 4, 2]) node.change(index, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    expect(node.activeName).toBe('eth0');
    expect(ended(node)).toEqual([]);
    expect(departures(node).some(([iface]) => iface === 'eth0')).toBe(false);
  });

  test('may finish where it costs nothing, and are ended when it dies later', () => {
    const node = failBack();
    expect(departures(node)).toEqual([['wlan0', 'finishing', null]]);
    node.clock.advance(3_600_000);
    expect(ended(node)).toEqual([]);
    node.change(3, { hasCarrier: false });
    expect(ended(node)).toEqual(['wlan0 ipv4']);
    node.change(3, { hasCarrier: true });
    // No verdict is no death: its flows may still go through.
    expect(ended(node)).toEqual([]);
  });

  test('are ended for a pin only when they cost money', () => {
    const node = settled();
    node.send({ type: 'command.pin', name: 'wlan0' });
    expect(departures(node)).toEqual([['eth0', 'finishing', null]]);
    expect(ended(node)).toEqual([]);
  });

  test.each<UplinkPolicy>([defaultMeteredPolicy, { kind: 'emergencyOnly' }])(
    'linger for 30 s where its policy is $kind, and are ended then',
    (policy) => {
      const node = failBack(withPolicy('w*', policy));
      const [[, state, endsInMs] = []] = departures(node);
      expect(state).toBe('lingering');
      expect(endsInMs).toBeGreaterThan(0);
      node.clock.advance(Number(endsInMs) - 1);
      expect(ended(node)).toEqual([]);
      node.clock.advance(1);
      expect(ended(node)).toEqual(['wlan0 ipv4']);
      expect(node.context.intent.stranded[0]?.because).toBe('wlan0 costs money, and its flows had 30s to finish');
      expect(node.context.intent.stranded[0]?.since).toBe(node.clock.now());
    },
  );

  test('are left alone when the node returns to it while they linger', () => {
    const node = failBack(withPolicy('w*', { kind: 'emergencyOnly' }));
    node.clock.advance(10_000);
    node.change(2, { hasCarrier: false });
    node.change(4, { hasCarrier: false });
    expect(node.activeName).toBe('wlan0');
    node.clock.advance(60_000);
    expect(ended(node)).toEqual(['eth0 ipv4']);
  });

  test('of one family are ended while those of the other go on', () => {
    const node = threeUplinks();
    const dual = { ipv4: [address('10.0.2.5')], ipv6: [address('2001:db8:2::5', 64)] };
    const routes = [
      { family: 'ipv4' as const, gateway: '10.0.2.1', table: 254, metric: 100, protocol: 16 },
      { family: 'ipv6' as const, gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
    ];
    node.change(2, { addresses: dual, defaultRoutes: routes });
    node.settle([2, 3, 4], 30);
    node.bad(2);
    node.bad(2);
    expect(ended(node)).toEqual(['eth0 ipv4']);
  });
});
