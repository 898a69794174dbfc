import { describe, expect, test } from 'vitest';
import { defaultConfig, type Config } from '../../../../src/model/config.ts';
import { address, facts } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

describe('an interface that changes', () => {
  test('from one that is looked at to one that is not takes its actor and its way along', () => {
    const node = threeUplinks();
    node.change(2, { name: 'docker0' });
    expect([node.hasActor(2), node.activeName, node.context.ignored.get(2)?.because]).toEqual([
      false,
      'wlan0',
      'its name matches docker*',
    ]);
    expect(node.context.intent.network.uplinks.map(({ name }) => name)).toEqual(['wlan0', 'wwan0']);
    node.change(3, { name: 'all' });
    expect(node.status.problems.map(({ code }) => code)).toEqual(['uplink.reservedName']);
  });

  test('and becomes a port of another device is looked at no more', () => {
    const node = threeUplinks();
    node.change(2, { isEnslaved: true });
    expect([node.hasActor(2), node.activeName]).toEqual([false, 'wlan0']);
  });

  test('in place of another, as one that is not looked at, leaves nothing of that one', () => {
    const node = threeUplinks();
    node.find(facts({ index: 2, name: 'all' }));
    expect([node.hasActor(2), node.activeName]).toEqual([false, 'wlan0']);
    expect(node.context.intent.network.uplinks.map(({ name }) => name)).toEqual(['wlan0', 'wwan0']);
    expect(node.status.problems.map(({ code }) => code)).toEqual(['uplink.reservedName']);
  });

  test('from one that is not looked at to one that is has an actor, and is ignored no more', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'eth9', kind: 'bridge' }));
    expect(node.context.ignored.has(9)).toBe(true);
    node.change(9, { kind: null });
    expect([node.hasActor(9), node.context.ignored.has(9)]).toEqual([true, false]);
    node.change(9, { name: 'all' });
    node.change(9, { name: 'eth9' });
    expect([node.hasActor(9), node.status.problems]).toEqual([true, []]);
  });

  test('and is ignored before and after changes nothing, unless it has another name', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'docker0' }));
    const { ignored } = node.context;
    node.change(9, { mtu: 1400 });
    expect(node.context.ignored).toBe(ignored);
    node.change(9, { name: 'docker1' });
    expect(node.context.ignored.get(9)?.name).toBe('docker1');
    node.change(9, { name: 'all' });
    expect(node.status.problems.map(({ subject }) => subject)).toEqual(['all']);
  });

  test('and was ignored is forgotten when it is lost', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'all' }));
    node.lose(9);
    expect([node.context.ignored.size, node.status.problems]).toEqual([0, []]);
  });

  test('without carrier, and goes, is wanted no more', () => {
    const node = threeUplinks();
    const wanted = () => node.context.intent.network.uplinks.map(({ name }) => name);
    for (const index of [2, 3, 4]) node.change(index, { hasCarrier: false });
    expect(wanted()).toEqual(['eth0', 'wlan0', 'wwan0']);
    node.lose(2);
    expect(wanted()).toEqual(['wlan0', 'wwan0']);
    node.find(facts({ index: 3, name: 'docker0' }));
    expect(wanted()).toEqual(['wwan0']);
    node.change(4, { name: 'docker1' });
    expect(wanted()).toEqual([]);
  });

  test('and is gone by the time that its last word comes says nothing', () => {
    const node = new NodeBench();
    const addresses = { ipv4: [address('192.168.42.5')], ipv6: [] };
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'wlan0', addresses, defaultRoutes: [] }));
    node.actor.on('state', ({ index, to }) => {
      if (index === 2 && to === null) node.lose(3);
    });
    node.find(facts({ index: 2, name: 'eth0', addresses, defaultRoutes: [] }));
    expect([[...node.context.views.keys()], [...node.context.ways.keys()]]).toEqual([[2], [2]]);
  });

  const entries = (types: readonly ('wifi' | null)[]): Config => ({
    ...defaultConfig,
    uplinks: types.map((type, i) => ({
      match: { driver: `driver${i}` },
      type,
      gateway: { ipv4: null, ipv6: null },
      dhcp: false,
      policy: null,
    })),
  });
  const driven = (driver: string) => ({ device: { driver, deviceType: null, bus: null, usb: null } });

  test('its type, or the entry of the configuration that it falls under, is a new one', () => {
    const node = new NodeBench(entries([null, null]));
    node.find(facts(driven('driver9')));
    const paths = [node.context.ways.get(2)?.pathIds.ipv4];
    for (const device of [
      { device: { ...driven('x').device, deviceType: 'wlan' } },
      driven('driver0'),
      driven('driver1'),
    ]) {
      node.change(2, device);
      paths.push(node.context.ways.get(2)?.pathIds.ipv4);
    }
    expect(new Set(paths).size).toBe(4);
    node.change(2, { mtu: 1400 });
    expect(node.context.ways.get(2)?.pathIds.ipv4).toBe(paths[3]);
  });

  test('keeps what its type rests on while it is the same', () => {
    const node = threeUplinks();
    node.change(2, { device: { driver: 'e1000e', deviceType: null, bus: 'pci', usb: null } });
    expect([node.interface('eth0')?.evidence, node.interface('eth0')?.driver]).toEqual([
      'its name matches eth*',
      'e1000e',
    ]);
  });
});
