import { describe, expect, test } from 'vitest';
import { address, facts } from '../examples.ts';
import { NodeBench } from '../node-bench.ts';

describe('DISC-5: a shared address', () => {
  const shared = (index: number, name: string, ...others: readonly string[]) =>
    facts({
      index,
      name,
      addresses: { ipv4: ['192.168.42.5', ...others].map((text) => address(text)), ipv6: [] },
      defaultRoutes: [{ family: 'ipv4', gateway: '192.168.42.1', table: 254, metric: 100, protocol: 16 }],
    });

  test('goes to the better one whichever comes first, and back when that one is ignored', () => {
    const node = new NodeBench();
    node.find(shared(3, 'wlan0'));
    node.find(facts({ index: 9, name: 'eth9' }));
    expect(node.interface('wlan0')?.candidate).toBe(true);
    node.find(shared(2, 'eth0'));
    expect(node.interface('wlan0')?.candidate).toBe(false);
    node.change(2, { name: 'docker0' });
    expect(node.interface('wlan0')?.candidate).toBe(true);
  });

  test('that goes to another owner is told as that one’s', () => {
    const node = new NodeBench();
    node.find(shared(4, 'wwan0'));
    node.find(shared(3, 'wlan0'));
    expect(node.interface('wwan0')?.notCandidateBecause).toBe('wlan0 has 192.168.42.5 too, and is preferred');
    node.find(shared(2, 'eth0'));
    expect(node.interface('wwan0')?.notCandidateBecause).toBe('eth0 has 192.168.42.5 too, and is preferred');
    node.lose(2);
    expect(node.interface('wwan0')?.notCandidateBecause).toBe('wlan0 has 192.168.42.5 too, and is preferred');
  });

  test('more, or another one, is told to the one that lost it', () => {
    const node = new NodeBench();
    node.find(shared(2, 'eth0'));
    node.find(shared(3, 'wlan0', '192.168.42.6', '192.168.42.7'));
    const own = () => node.context.ways.get(3)?.uplink.paths.ipv4?.addresses.map((one) => one.address);
    expect(own()).toEqual(['192.168.42.6', '192.168.42.7']);
    node.change(2, shared(2, 'eth0', '192.168.42.6'));
    expect(own()).toEqual(['192.168.42.7']);
    node.change(2, shared(2, 'eth0', '192.168.42.7'));
    expect(own()).toEqual(['192.168.42.6']);
  });

  test('that stays as it was leaves everybody as they were', () => {
    const node = new NodeBench();
    for (const one of [shared(2, 'eth0'), shared(3, 'wlan0'), facts({ index: 9, name: 'eth9' })]) node.find(one);
    const [wlan, eth] = [node.context.uplinks.get(3), node.context.uplinks.get(9)];
    node.change(2, { mtu: 1400 });
    expect([node.context.uplinks.get(3) === wlan, node.context.uplinks.get(9) === eth]).toEqual([true, true]);
    node.change(3, { mtu: 1400 });
    expect(node.context.uplinks.get(3)?.claims).toBe(wlan?.claims);
    expect(node.interface('wlan0')?.candidate).toBe(false);
  });

  test('that its owner no longer has is free, and the clock goes on', () => {
    const node = new NodeBench();
    node.find(shared(3, 'wlan0'));
    node.clock.advance(5);
    node.find(shared(2, 'eth0'));
    const snapshot = node.actor.getSnapshot().children['interface 3']?.getSnapshot();
    expect([node.interface('wlan0')?.candidate, node.context.now]).toEqual([false, 5]);
    expect(snapshot).toMatchObject({ context: { now: 5 } });
    node.change(3, { mtu: 1400 });
    expect(node.interface('wlan0')?.candidate).toBe(false);
    node.change(2, facts());
    expect(node.interface('wlan0')?.candidate).toBe(true);
    node.change(2, shared(2, 'eth0'));
    node.clock.advance(5);
    node.lose(2);
    expect([node.interface('wlan0')?.candidate, node.context.now]).toEqual([true, 10]);
  });

  describe('never leaves the node without a way out, nor by a way that is about to end', () => {
    const taken = (node: NodeBench): readonly string[] => node.switches.map(({ from, to }) => `${from} → ${to}`);

    test('when an uplink that comes has the address of the one that carries', () => {
      const node = new NodeBench();
      node.find(shared(3, 'wlan0'));
      node.observe();
      node.find(shared(2, 'eth0'));
      expect(taken(node)).toEqual(['null → wlan0', 'wlan0 → eth0']);
    });

    test('when an uplink takes the address of the one that carries, and gives it back', () => {
      const node = new NodeBench();
      node.find(facts({ addresses: { ipv4: [], ipv6: [] } }));
      node.find(shared(3, 'wlan0'));
      node.observe();
      node.change(2, shared(2, 'eth0'));
      node.change(2, { addresses: { ipv4: [], ipv6: [] } });
      expect(taken(node)).toEqual(['null → wlan0', 'wlan0 → eth0', 'eth0 → wlan0']);
    });

    test('when the one that carries is called something else, while others have its address', () => {
      const node = new NodeBench();
      node.find(shared(2, 'eth0'));
      node.find(shared(4, 'wwan0'));
      node.observe();
      node.change(2, { name: 'wlan7' });
      expect(taken(node)).toEqual(['null → eth0', 'eth0 → null', 'null → wlan7']);
    });
  });
});
