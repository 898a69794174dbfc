import { describe, expect, test } from 'vitest';
import { KernelMirror } from '../../../../src/adapters/netlink/mirror.ts';
import type { Address, KernelChange, Link, Neighbour, Route } from '../../../../src/model/kernel.ts';

const link = (index: number, overrides: Partial<Link> = {}): Link => ({
  index,
  name: `eth${index}`,
  kind: null,
  hardwareType: 1,
  isUp: true,
  hasCarrier: true,
  isLoopback: false,
  isPointToPoint: false,
  mtu: 1500,
  macAddress: null,
  lowerIndex: index,
  masterIndex: null,
  ...overrides,
});

const address = (text: string, linkIndex: number): Address => ({
  family: text.includes(':') ? 'ipv6' : 'ipv4',
  linkIndex,
  address: text,
  prefixLength: 24,
  peer: null,
  scope: 'global',
  isTentative: false,
  isDeprecated: false,
});

const route = (linkIndex: number, overrides: Partial<Route> = {}): Route => ({
  family: 'ipv4',
  table: 100,
  type: 'unicast',
  destination: '0.0.0.0/0',
  gateway: `10.0.${linkIndex}.1`,
  linkIndex,
  metric: 5,
  protocol: 144,
  scope: 'global',
  preferredSource: null,
  isOnLink: false,
  ...overrides,
});
const route6 = (linkIndex: number, overrides: Partial<Route> = {}): Route =>
  route(linkIndex, { family: 'ipv6', destination: '::/0', gateway: `fd00:${linkIndex}::1`, ...overrides });

const neighbour = (text: string, linkIndex: number): Neighbour => ({
  family: 'ipv4',
  linkIndex,
  address: text,
  macAddress: null,
  state: 'reachable',
  isRouter: false,
});

const told = { replace: false, append: false };

/** A mirror of two links with an address each, its changes taken. */
function mirrorOf(...routes: readonly (readonly Route[])[]): KernelMirror {
  const mirror = new KernelMirror();
  mirror.replaceAll({ object: 'link', values: [link(1), link(2)] });
  mirror.apply({ type: 'new', object: 'address', value: address('10.0.1.2', 1) });
  mirror.apply({ type: 'new', object: 'address', value: address('10.0.2.2', 2) });
  for (const value of routes) mirror.apply({ type: 'new', object: 'route', value, replace: false, append: true });
  mirror.takeChanges();
  mirror.takeDoubts();
  return mirror;
}

const routesOf = (mirror: KernelMirror): readonly Route[] => [...mirror.state.routes.values()];
const gatewaysOf = (changes: readonly KernelChange[]): readonly (string | null)[] =>
  changes
    .filter((change) => change.object === 'route')
    .map(({ before, after }) => (after === null ? `-${before?.gateway}` : `+${after.gateway}`));

describe('changes', () => {
  test('a thing that is announced again as it was is no change', () => {
    const mirror = mirrorOf([route(1)]);
    mirror.apply({ type: 'new', object: 'link', value: link(1) });
    mirror.apply({ type: 'new', object: 'address', value: address('10.0.1.2', 1) });
    mirror.apply({ type: 'new', object: 'route', value: [route(1)], ...told });
    mirror.replaceAll({ object: 'link', values: [link(2), link(1)] });
    expect(mirror.takeChanges()).toEqual([]);
  });

  test('a change names what stood before and what stands now, and is told once', () => {
    const mirror = mirrorOf();
    mirror.apply({ type: 'new', object: 'link', value: link(1, { mtu: 1400 }) });
    expect(mirror.takeChanges()).toEqual([{ object: 'link', before: link(1), after: link(1, { mtu: 1400 }) }]);
    expect(mirror.takeChanges()).toEqual([]);
  });

  test('links come first, then addresses, routes and neighbours, whatever the order they were told in', () => {
    const mirror = mirrorOf();
    mirror.apply({ type: 'new', object: 'neighbour', value: neighbour('10.0.1.1', 1) });
    mirror.apply({ type: 'new', object: 'route', value: [route(1)], ...told });
    mirror.apply({ type: 'new', object: 'address', value: address('10.0.1.3', 1) });
    mirror.apply({ type: 'new', object: 'link', value: link(3) });
    expect(mirror.takeChanges().map(({ object }) => object)).toEqual(['link', 'address', 'route', 'neighbour']);
  });

  test('what a dump does not hold is gone, of its own family only', () => {
    const mirror = mirrorOf([route(1)], [route6(1)]);
    mirror.replaceAll({ object: 'route', family: 'ipv4', values: [[route(2)]] });
    expect(gatewaysOf(mirror.takeChanges())).toEqual(['-10.0.1.1', '+10.0.2.1']);
    expect(routesOf(mirror)).toContainEqual(route6(1));
    mirror.apply({ type: 'new', object: 'address', value: address('fd00:1::2', 1) });
    mirror.replaceAll({ object: 'address', family: 'ipv4', values: [address('10.0.1.2', 1)] });
    expect([...mirror.state.addresses.values()].map((each) => each.address)).toEqual(['10.0.1.2', 'fd00:1::2']);
  });

  test('the local table, its types and multicast neighbours are not kept', () => {
    const mirror = mirrorOf();
    for (const type of ['local', 'broadcast', 'multicast', 'anycast']) {
      mirror.apply({ type: 'new', object: 'route', value: [route(1, { type })], ...told });
    }
    mirror.apply({ type: 'new', object: 'route', value: [route(1, { table: 255 })], ...told });
    mirror.replaceAll({ object: 'route', family: 'ipv4', values: [[route(1, { type: 'local' })]] });
    mirror.apply({ type: 'new', object: 'neighbour', value: neighbour('239.1.2.3', 1) });
    mirror.apply({ type: 'new', object: 'neighbour', value: { ...neighbour('ff02::1', 1), family: 'ipv6' } });
    expect(mirror.takeChanges()).toEqual([]);
  });
});

describe('what the kernel does without a word', () => {
  test('a link that is set down loses its routes in every table, of both families; addresses stay', () => {
    const mirror = mirrorOf([route(1)], [route(1, { table: 254 })], [route6(1)], [route(2, { metric: 6 })]);
    mirror.apply({ type: 'new', object: 'link', value: link(1, { isUp: false, hasCarrier: false }) });
    expect(mirror.takeChanges().map(({ object }) => object)).toEqual(['link', 'route', 'route', 'route']);
    expect(routesOf(mirror)).toEqual([route(2, { metric: 6 })]);
    expect(mirror.state.addresses.size).toBe(2);
  });

  test('a link that only loses its carrier keeps its routes', () => {
    const mirror = mirrorOf([route(1)]);
    mirror.apply({ type: 'new', object: 'link', value: link(1, { hasCarrier: false }) });
    expect(routesOf(mirror)).toEqual([route(1)]);
  });

  test('a deleted link takes its addresses, routes and neighbours with it', () => {
    const mirror = mirrorOf([route(1)], [route(2, { metric: 6 })]);
    mirror.apply({ type: 'new', object: 'neighbour', value: neighbour('10.0.1.1', 1) });
    mirror.takeChanges();
    mirror.apply({ type: 'delete', object: 'link', value: link(1) });
    expect(mirror.takeChanges().map(({ object, after }) => [object, after])).toEqual([
      ['link', null],
      ['address', null],
      ['route', null],
      ['neighbour', null],
    ]);
  });

  test('the last IPv4 address of a link takes all IPv4 routes through it, an earlier one none', () => {
    const mirror = mirrorOf([route(1)], [route6(1)], [route(2, { metric: 6 })]);
    mirror.apply({ type: 'new', object: 'address', value: address('10.0.1.3', 1) });
    mirror.apply({ type: 'delete', object: 'address', value: address('10.0.1.2', 1) });
    expect(routesOf(mirror)).toHaveLength(3);
    mirror.apply({ type: 'delete', object: 'address', value: address('10.0.1.3', 1) });
    expect(routesOf(mirror)).toEqual([route6(1), route(2, { metric: 6 })]);
  });

  test('an IPv4 address takes the routes of main that prefer it as their source, but none of another table', () => {
    const source = { preferredSource: '10.0.1.2' };
    const mirror = mirrorOf([route(2, source)], [route(2, { ...source, table: 254 })]);
    mirror.apply({ type: 'delete', object: 'address', value: address('10.0.1.2', 1) });
    expect(routesOf(mirror)).toEqual([route(2, source)]);
  });

  test('IPv6 routes merely forget a preferred source that is gone', () => {
    const mirror = mirrorOf([route6(1, { preferredSource: 'fd00:1::2' })]);
    mirror.apply({ type: 'new', object: 'address', value: address('fd00:1::2', 1) });
    mirror.apply({ type: 'delete', object: 'address', value: address('fd00:1::2', 1) });
    expect(routesOf(mirror)).toEqual([route6(1)]);
  });

  test('the first of a veth pair learns of its other end when that is announced', () => {
    const mirror = mirrorOf();
    mirror.apply({ type: 'new', object: 'link', value: link(8, { kind: 'veth', lowerIndex: 0 }) });
    mirror.apply({ type: 'new', object: 'link', value: link(9, { kind: 'veth', lowerIndex: 8 }) });
    expect(mirror.state.links.get(8)?.lowerIndex).toBe(9);
  });
});

describe('a route that replaces another', () => {
  test('IPv4: takes the place of the first with the same table, destination and metric', () => {
    const mirror = mirrorOf([route(1)], [route(1, { gateway: '10.0.1.9' })], [route(1, { metric: 6 })]);
    mirror.apply({ type: 'new', object: 'route', value: [route(2)], replace: true, append: false });
    expect(gatewaysOf(mirror.takeChanges())).toEqual(['-10.0.1.1', '+10.0.2.1']);
    expect(mirror.routesInPlaceOf(route(1)).map(({ gateway }) => gateway)).toEqual(['10.0.2.1', '10.0.1.9']);
  });

  test('IPv4: one that is neither appended nor replaces stands first, and is replaced first', () => {
    const mirror = mirrorOf([route(1)]);
    mirror.apply({ type: 'new', object: 'route', value: [route(2)], ...told });
    mirror.apply({
      type: 'new',
      object: 'route',
      value: [route(2, { gateway: '10.0.2.9' })],
      replace: true,
      append: false,
    });
    expect(mirror.routesInPlaceOf(route(1)).map(({ gateway }) => gateway)).toEqual(['10.0.2.9', '10.0.1.1']);
  });

  test('IPv6: a route through a gateway replaces one through a gateway with all its next hops, before one on the link', () => {
    const onLink = route6(2, { gateway: null });
    const mirror = mirrorOf([onLink], [route6(1), route6(2)]);
    mirror.apply({
      type: 'new',
      object: 'route',
      value: [route6(1, { gateway: 'fd00:1::9' })],
      replace: true,
      append: false,
    });
    expect(mirror.routesInPlaceOf(onLink).map(({ gateway }) => gateway)).toEqual([null, 'fd00:1::9']);
  });

  test('IPv6: a next hop is known by device and gateway, whatever its protocol', () => {
    const mirror = mirrorOf([route6(1)]);
    mirror.apply({ type: 'delete', object: 'route', value: [route6(1, { protocol: 4 })], ...told });
    expect(routesOf(mirror)).toEqual([]);
  });

  test('where it was not told whether a route replaces the one in its place, the family is doubted', () => {
    const mirror = mirrorOf([route(1)]);
    mirror.apply({ type: 'new', object: 'route', value: [route(2, { metric: 6 })] });
    expect(mirror.takeDoubts()).toEqual([]);
    mirror.apply({ type: 'new', object: 'route', value: [route(2)] });
    expect(mirror.takeDoubts()).toEqual(['ipv4']);
    expect(mirror.takeDoubts()).toEqual([]);
  });
});

describe('a multipath route', () => {
  const hops = [route(1), route(2)];

  test('is one route for each next hop, and is deleted as a whole', () => {
    const mirror = mirrorOf(hops);
    expect(routesOf(mirror)).toEqual(hops);
    mirror.apply({ type: 'delete', object: 'route', value: hops, ...told });
    expect(routesOf(mirror)).toEqual([]);
  });

  test('lives on by its other next hops when a link is set down, and is doubted when the link comes back', () => {
    const mirror = mirrorOf(hops);
    mirror.apply({ type: 'new', object: 'link', value: link(1, { isUp: false }) });
    expect(routesOf(mirror)).toEqual([route(2)]);
    // A dump shows the sleeping next hop too: it is dead all the same.
    mirror.replaceAll({ object: 'route', family: 'ipv4', values: [hops] });
    expect(routesOf(mirror)).toEqual([route(2)]);
    mirror.apply({ type: 'new', object: 'link', value: link(1) });
    expect(mirror.takeDoubts()).toEqual(['ipv4']);
    mirror.replaceAll({ object: 'route', family: 'ipv4', values: [hops] });
    expect(routesOf(mirror)).toHaveLength(2);
  });

  test('is doubted when the carrier of a next hop that a dump called dead comes back', () => {
    const mirror = mirrorOf(hops);
    mirror.apply({ type: 'new', object: 'link', value: link(1, { hasCarrier: false }) });
    mirror.replaceAll({ object: 'route', family: 'ipv4', values: [[{ ...route(1), isDead: true }, route(2)]] });
    expect(routesOf(mirror)).toEqual([route(2)]);
    mirror.apply({ type: 'new', object: 'link', value: link(1) });
    expect(mirror.takeDoubts()).toEqual(['ipv4']);
  });

  test('is announced with its dead next hops, which are kept only to wait for their address', () => {
    const mirror = mirrorOf([]);
    mirror.apply({ type: 'new', object: 'route', value: [{ ...route(1), isDead: true }, route(2)], ...told });
    expect(routesOf(mirror)).toEqual([route(2)]);
    mirror.apply({ type: 'new', object: 'address', value: address('10.0.1.9', 1) });
    expect(mirror.takeDoubts()).toEqual(['ipv4']);
  });

  test('goes with a link that is deleted, its other next hops too', () => {
    const mirror = mirrorOf(hops);
    mirror.apply({ type: 'delete', object: 'link', value: link(1) });
    expect(routesOf(mirror)).toEqual([]);
  });

  test('IPv6: is doubted when it grows or shrinks, for all of it is reported with one protocol', () => {
    const mirror = mirrorOf([route6(1)]);
    const grown = [route6(2, { protocol: 4 }), route6(1, { protocol: 4 })];
    mirror.apply({ type: 'new', object: 'route', value: grown, replace: false, append: true });
    expect(mirror.takeDoubts()).toEqual(['ipv6']);
    mirror.apply({ type: 'delete', object: 'route', value: [route6(1)], ...told });
    expect(mirror.takeDoubts()).toEqual(['ipv6']);
    expect(routesOf(mirror)).toEqual([route6(2, { protocol: 4 })]);
  });
});
