import { describe, expect, test } from 'vitest';
import type { HeldLease, Lease } from '../../../../src/model/lease.ts';
import { noNetwork, type NetworkIntent, type UplinkIntent } from '../../../../src/model/network.ts';
import { addressRecordKey } from '../../../../src/model/network.ts';
import { FakeKernel } from '../../../fakes/kernel/fake-kernel.ts';
import { intentOf, PlanBench } from '../support.ts';

const lease = (address: string, more: Partial<Lease> = {}): Lease => ({
  address,
  prefixLength: 24,
  gateway: address.replace(/\d+$/u, '1'),
  routes: [],
  dns: [],
  mtu: null,
  server: null,
  duration: null,
  ...more,
});

/** A phone that is plugged in: a link, and nothing on it. */
function makeWorld(isUp = true) {
  const kernel = new FakeKernel();
  const index = kernel.network.addLink({ name: 'usb0', isUp });
  const bench = new PlanBench(kernel);
  const addresses = (): readonly string[] =>
    [...kernel.truth().addresses.values()]
      .filter(({ linkIndex, family }) => linkIndex === index && family === 'ipv4')
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const held = (its: Lease): HeldLease => ({ index, name: 'usb0', lease: its });
  /** What the machines want when they have seen these addresses on the link. */
  const uplink = (gateway: string | null, ...own: readonly string[]): UplinkIntent => {
    if (gateway !== null) kernel.setAnswering(index, gateway, true);
    const path = { addresses: own.map((address) => ({ address, prefixLength: 24, peer: null })), gateway };
    return { index, name: 'usb0', paths: { ipv4: own.length === 0 ? null : path, ipv6: null } };
  };
  const wanted = (its: Lease | null, gateway: string | null, ...own: readonly string[]): NetworkIntent => ({
    ...intentOf([uplink(gateway, ...own)]),
    ...(its === null ? {} : { leases: [held(its)] }),
  });
  const planned = (intent: NetworkIntent, adopted?: readonly string[]): readonly string[] =>
    bench
      .plan(intent, adopted === undefined ? {} : { adopted: { addresses: new Set(adopted), links: new Set() } })
      .operations.filter(({ type }) => /^(?:address|link)\./u.test(type))
      .map(({ type, target }) => `${type} ${target}`);
  return { kernel, index, bench, addresses, held, uplink, wanted, planned };
}

describe('the address of a lease', () => {
  test('TETH-2: it is put on its link, recorded before, and taken away with the record when nobody wants it', async () => {
    const { bench, addresses, wanted } = makeWorld();
    const its = lease('192.168.42.5');
    const recorded: number[] = [];
    const put = bench.links.putAddress.bind(bench.links);
    bench.links.putAddress = (record) => {
      recorded.push(addresses().length);
      return put(record);
    };
    await bench.toRest(wanted(its, null));
    expect(addresses()).toEqual(['192.168.42.5/24']);
    expect(recorded).toEqual([0]);
    await bench.toRest(noNetwork);
    expect(addresses()).toEqual([]);
    expect(bench.links.addresses.size).toBe(0);
  });

  test('nothing is put there when it cannot be recorded', async () => {
    const { bench, addresses, wanted } = makeWorld();
    await bench.kernel.settle();
    bench.links.putAddress = () => ({ ok: false, retry: 'retryable', code: 'state.unwritable', message: 'full' });
    const { operations } = bench.plan(wanted(lease('192.168.42.5'), null));
    const add = operations.find(({ type }) => type === 'address.add');
    expect(add === undefined ? true : await bench.execute(add)).toBe(false);
    expect(addresses()).toEqual([]);
  });

  test('ROUT-5: an address that someone else has put there is as good, and is never taken away', async () => {
    const { kernel, index, bench, addresses, wanted } = makeWorld();
    kernel.addAddress(index, '192.168.42.5/24');
    kernel.addAddress(index, '10.0.0.9/8');
    await bench.toRest(wanted(lease('192.168.42.5'), null));
    expect(bench.links.addresses.size).toBe(0);
    await bench.toRest(noNetwork);
    expect(addresses()).toEqual(['192.168.42.5/24', '10.0.0.9/8']);
  });

  test('ROUT-5: one that someone else puts there a moment before is theirs', async () => {
    const { kernel, index, bench, addresses, wanted } = makeWorld();
    kernel.beforeNext('address.add', () => kernel.addAddress(index, '192.168.42.5/24'));
    await bench.toRest(wanted(lease('192.168.42.5'), null));
    await bench.toRest(noNetwork);
    expect(addresses()).toEqual(['192.168.42.5/24']);
  });

  test('flushed, it is the first thing to be put back, ahead of the routes that need it', async () => {
    const { kernel, index, bench, planned, wanted, addresses } = makeWorld();
    const intent = wanted(lease('192.168.42.5'), '192.168.42.1', '192.168.42.5');
    await bench.toRest(intent);
    kernel.removeAddress(index, '192.168.42.5/24');
    await kernel.settle();
    expect(planned(intent)).toEqual(['address.add address 192.168.42.5/24 dev usb0']);
    expect(bench.plan(intent).operations[0]?.type).toBe('address.add');
    await bench.toRest(intent);
    expect(addresses()).toEqual(['192.168.42.5/24']);
    expect(kernel.lookup({ family: 'ipv4', destination: '8.8.8.8' })?.linkIndex).toBe(index);
  });

  test.each([
    ['another network', '10.20.30.7'],
    ['the same network', '192.168.42.77'],
  ])(
    'ROUT-4: a lease in %s: the new address comes first, the old one goes when the path leads by the new',
    async (_, next) => {
      const { kernel, index, bench, addresses, wanted } = makeWorld();
      const old = '192.168.42.5';
      const gateway = lease(next).gateway;
      await bench.toRest(wanted(lease(old), '192.168.42.1', old));
      const hasWay = (): void => {
        expect(kernel.lookup({ family: 'ipv4', destination: '8.8.8.8' })?.linkIndex).toBe(index);
        expect(addresses()).not.toEqual([]);
      };
      await bench.toRest(wanted(lease(next), '192.168.42.1', old), hasWay);
      expect(addresses()).toEqual([`${old}/24`, `${next}/24`]);
      await bench.toRest(wanted(lease(next), gateway, next, old), hasWay);
      expect(addresses()).toEqual([`${next}/24`]);
      expect(kernel.lookup({ family: 'ipv4', destination: '8.8.8.8' })).toEqual({ linkIndex: index, gateway });
      await bench.toRest(noNetwork);
      expect(addresses()).toEqual([]);
      expect(bench.journal.records.size).toBe(0);
    },
  );

  test('ROUT-8: what a former run has put there is left until there is a lease, and then gives way to it', async () => {
    const { kernel, bench, planned, wanted } = makeWorld();
    await bench.toRest(wanted(lease('192.168.42.5'), null));
    const kept = [...bench.links.addresses.values()].map(addressRecordKey);
    expect(planned(noNetwork, kept)).toEqual([]);
    expect(planned(noNetwork)).toEqual(['address.delete address 192.168.42.5/24 dev usb0']);
    await kernel.settle();
    expect(planned(wanted(lease('192.168.42.9'), null))).toEqual(['address.add address 192.168.42.9/24 dev usb0']);
  });

  test('unplugged, its record is forgotten', async () => {
    const { kernel, index, bench, wanted } = makeWorld();
    await bench.toRest(wanted(lease('192.168.42.5', { mtu: 1400 }), null));
    kernel.removeLink(index);
    await bench.toRest(noNetwork);
    expect([bench.links.addresses.size, bench.links.links.size]).toEqual([0, 0]);
  });

  test('a lease for a link that is not there leads to nothing', async () => {
    const { bench, wanted } = makeWorld();
    const intent = { ...wanted(null, null), leases: [{ index: 99, name: 'usb9', lease: lease('10.0.0.2') }] };
    expect(await bench.toRest(intent)).toBeGreaterThanOrEqual(0);
  });
});

describe('the MTU of a lease', () => {
  const mtuOf = ({ kernel, index }: ReturnType<typeof makeWorld>) => kernel.truth().links.get(index)?.mtu;

  test.each([
    { offered: 1400, expected: 1400 },
    { offered: 1500, expected: 1500 },
    { offered: 9000, expected: 1500 },
    { offered: 576, expected: 1280 },
    { offered: null, expected: 1500 },
  ])('$offered on a link of 1500 makes $expected, and it is given back', async ({ offered, expected }) => {
    const world = makeWorld();
    await world.bench.toRest(world.wanted(lease('10.0.0.2', { mtu: offered }), null));
    expect(mtuOf(world)).toBe(expected);
    await world.bench.toRest(noNetwork);
    expect(mtuOf(world)).toBe(1500);
    expect(world.bench.links.links.size).toBe(0);
  });

  test('a lease with another MTU, or with none: it is worked out from what the link had', async () => {
    const world = makeWorld();
    await world.bench.toRest(world.wanted(lease('10.0.0.2', { mtu: 1300 }), null));
    await world.bench.toRest(world.wanted(lease('10.0.0.2', { mtu: 1450 }), null));
    expect(mtuOf(world)).toBe(1450);
    await world.bench.toRest(world.wanted(lease('10.0.0.2'), null));
    expect(mtuOf(world)).toBe(1500);
  });

  test('ROUT-5: what someone else sets meanwhile is left to them, also at the end', async () => {
    const world = makeWorld();
    const intent = world.wanted(lease('10.0.0.2', { mtu: 1400 }), null);
    await world.bench.toRest(intent);
    world.kernel.network.setMtu(world.index, 1350);
    await world.bench.toRest(intent);
    await world.bench.toRest(noNetwork);
    expect(mtuOf(world)).toBe(1350);
    expect(world.bench.links.links.size).toBe(0);
  });
});

describe('a link that shall be up', () => {
  const raised = (index: number): NetworkIntent => ({ ...noNetwork, raised: [index] });
  const isUp = ({ kernel, index }: ReturnType<typeof makeWorld>) => kernel.truth().links.get(index)?.isUp;

  test('TETH-1: it is set up, and down again at the end', async () => {
    const world = makeWorld(false);
    await world.bench.toRest(raised(world.index));
    expect(isUp(world)).toBe(true);
    await world.bench.toRest(noNetwork);
    expect(isUp(world)).toBe(false);
    expect(world.bench.links.links.size).toBe(0);
  });

  test('one that was up stays up at the end, and so does one that others use by now', async () => {
    const up = makeWorld(true);
    await up.bench.toRest(raised(up.index));
    await up.bench.toRest(noNetwork);
    expect(isUp(up)).toBe(true);
    const used = makeWorld(false);
    await used.bench.toRest(raised(used.index));
    used.kernel.addAddress(used.index, '10.0.0.9/8');
    await used.bench.toRest(noNetwork);
    expect(isUp(used)).toBe(true);
  });

  test('ROUT-5: one that someone takes down again is left so', async () => {
    const world = makeWorld(false);
    await world.bench.toRest(raised(world.index));
    world.kernel.setDown(world.index);
    await world.bench.toRest(raised(world.index));
    expect(isUp(world)).toBe(false);
  });
});

describe('the classless routes of a lease', () => {
  const its = lease('192.168.42.5', {
    routes: [
      { destination: '10.9.0.0/16', gateway: '192.168.42.9' },
      { destination: '172.20.0.0/16', gateway: null },
    ],
  });

  test('ROUT-1: they lead by their gateways, for unbound traffic while their uplink is active', async () => {
    const { kernel, index, bench, wanted } = makeWorld();
    await bench.toRest(wanted(its, '192.168.42.1', '192.168.42.5'));
    const way = (destination: string) => kernel.lookup({ family: 'ipv4', destination });
    expect(way('10.9.1.1')).toEqual({ linkIndex: index, gateway: '192.168.42.9' });
    expect(way('172.20.0.1')).toEqual({ linkIndex: index, gateway: null });
    expect(way('8.8.8.8')).toEqual({ linkIndex: index, gateway: '192.168.42.1' });
    await bench.toRest(noNetwork);
    expect(bench.ownRoutes()).toEqual([]);
    expect(bench.ownRules()).toEqual([]);
  });

  test('ROUT-1: what main leads to, a VPN for example, is not drawn away by any lease', async () => {
    const { kernel, bench, wanted } = makeWorld();
    const vpn = kernel.network.addLink({ name: 'wg0', isUp: true });
    kernel.addAddress(vpn, '10.8.0.2/24');
    const half = { family: 'ipv4', table: 254, type: 'unicast', gateway: null, linkIndex: vpn, metric: 0 } as const;
    const rest = { protocol: 3, scope: 'link', preferredSource: null, isOnLink: false } as const;
    for (const destination of ['0.0.0.0/1', '128.0.0.0/1']) kernel.addRoute([{ ...half, ...rest, destination }]);
    const routes = ['8.0.0.0/8', '8.8.8.8/32'].map((destination) => ({ destination, gateway: '192.168.42.9' }));
    await bench.toRest(wanted(lease('192.168.42.5', { routes }), '192.168.42.1', '192.168.42.5'));
    expect(kernel.lookup({ family: 'ipv4', destination: '8.8.8.8' })?.linkIndex).toBe(vpn);
  });

  test('those of an uplink that is not active hold for what is bound to it, and for nothing else', async () => {
    const { kernel, index, bench, held, uplink } = makeWorld();
    const lan = kernel.network.addLink({ name: 'eth0', isUp: true });
    kernel.addAddress(lan, '192.0.2.2/24');
    kernel.setAnswering(lan, '192.0.2.1', true);
    const path = { addresses: [{ address: '192.0.2.2', prefixLength: 24, peer: null }], gateway: '192.0.2.1' };
    const eth0: UplinkIntent = { index: lan, name: 'eth0', paths: { ipv4: path, ipv6: null } };
    const intent = { ...intentOf([eth0, uplink('192.168.42.1', '192.168.42.5')]), leases: [held(its)] };
    await bench.toRest(intent);
    expect(kernel.lookup({ family: 'ipv4', destination: '10.9.1.1' })?.linkIndex).toBe(lan);
    expect(kernel.lookup({ family: 'ipv4', destination: '10.9.1.1', oif: index })).toEqual({
      linkIndex: index,
      gateway: '192.168.42.9',
    });
  });
});
