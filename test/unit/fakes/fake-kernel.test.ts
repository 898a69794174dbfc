import { describe, expect, test } from 'vitest';
import type { Family } from '../../../src/model/family.ts';
import type { Rule } from '../../../src/model/kernel.ts';
import { ownProtocol } from '../../../src/model/network.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';
import { routeOf, ruleOf } from '../../fakes/kernel/operations.ts';

const rule = (family: Family, priority: number, table: number, more: Partial<Rule> = {}): Rule => ({
  family,
  priority,
  action: 'lookup',
  table,
  from: null,
  to: null,
  inputInterface: null,
  outputInterface: null,
  mark: null,
  mask: null,
  suppressPrefixLength: null,
  protocol: ownProtocol,
  hasOtherSelectors: false,
  ...more,
});

const plans = {
  ipv4: {
    far: '8.8.8.8',
    any: '0.0.0.0/0',
    own: ['192.0.2.2', '198.51.100.2'],
    gateways: ['192.0.2.1', '198.51.100.1'],
    length: 24,
  },
  ipv6: {
    far: '2001:4860:4860::8888',
    any: '::/0',
    own: ['2001:db8:1::2', '2001:db8:2::2'],
    gateways: ['2001:db8:1::1', '2001:db8:2::1'],
    length: 64,
  },
} as const;

/** Two uplinks, both in the ranked table 100, each in a table of its own. */
function twoUplinks(family: Family) {
  const kernel = new FakeKernel();
  const plan = plans[family];
  const links = [
    kernel.network.addLink({ name: 'eth0', isUp: true }),
    kernel.network.addLink({ name: 'eth1', isUp: true }),
  ] as const;
  for (const [position, linkIndex] of links.entries()) {
    kernel.addAddress(linkIndex, `${plan.own[position]}/${plan.length}`);
    kernel.setSetting({ linkIndex, family, key: 'ignore_routes_with_linkdown' }, '1');
    for (const [table, metric] of [
      [100, 10 * (position + 1)],
      [101 + position, 10],
    ] as const) {
      const gateway = plan.gateways[position] ?? null;
      const wanted = { family, table, destination: plan.any, metric, linkIndex, gateway, isOnLink: false, because: '' };
      expect(kernel.addRoute([routeOf(wanted)])).toBeNull();
    }
    kernel.addRule(
      rule(family, 1000, 101 + position, { from: `${plan.own[position]}/${family === 'ipv4' ? 32 : 128}` }),
    );
    kernel.addRule(rule(family, 1001, 101 + position, { outputInterface: `eth${position}` }));
  }
  kernel.addRule(rule(family, 1100, 254, { suppressPrefixLength: 0 }));
  kernel.addRule(rule(family, 1200, 100));
  return { kernel, plan, links, packet: { family, destination: plan.far } };
}

describe.each(['ipv4', 'ipv6'] as const)('Where a packet goes (%s)', (family) => {
  test('the route with the lower metric is taken', () => {
    const { kernel, links, packet, plan } = twoUplinks(family);
    expect(kernel.lookup(packet)).toEqual({ linkIndex: links[0], gateway: plan.gateways[0] });
  });

  test('a rule for its source address or its device comes first', () => {
    const { kernel, links, packet, plan } = twoUplinks(family);
    expect(kernel.lookup({ ...packet, from: plan.own[1] })).toEqual({ linkIndex: links[1], gateway: plan.gateways[1] });
    expect(kernel.lookup({ ...packet, oif: links[1] })?.linkIndex).toBe(links[1]);
  });

  test('suppress_prefixlength passes over the default of main and takes its specific routes', () => {
    const { kernel, links, plan } = twoUplinks(family);
    kernel.addRoute([
      routeOf({
        family,
        table: 254,
        destination: plan.any,
        metric: 1,
        linkIndex: links[1],
        gateway: plan.gateways[1],
        isOnLink: false,
        because: '',
      }),
    ]);
    expect(kernel.lookup({ family, destination: plan.far })?.linkIndex).toBe(links[0]);
    expect(kernel.lookup({ family, destination: plan.gateways[1] })).toEqual({ linkIndex: links[1], gateway: null });
  });

  test('ROUT-3: lost carrier moves it by the kernel alone, and its return moves it back', () => {
    const { kernel, links, packet } = twoUplinks(family);
    kernel.unplug(links[0]);
    expect(kernel.lookup(packet)?.linkIndex).toBe(links[1]);
    kernel.plug(links[0]);
    expect(kernel.lookup(packet)?.linkIndex).toBe(links[0]);
  });

  test('without ignore_routes_with_linkdown it goes on into the dead link', () => {
    const { kernel, links, packet } = twoUplinks(family);
    kernel.setSetting({ linkIndex: links[0], family, key: 'ignore_routes_with_linkdown' }, '0');
    kernel.unplug(links[0]);
    expect(kernel.lookup(packet)?.linkIndex).toBe(links[0]);
  });

  test('an unreachable route ends the search', () => {
    const { kernel, links, packet, plan } = twoUplinks(family);
    const dead = routeOf({
      family,
      table: 100,
      destination: plan.any,
      metric: 1,
      linkIndex: links[0],
      gateway: null,
      isOnLink: false,
      because: '',
    });
    kernel.load({ routes: [[{ ...dead, type: 'unreachable' }]] });
    expect(kernel.lookup(packet)).toBeNull();
  });

  test('a link that is set down loses its routes in every table, and what was told says so', async () => {
    const { kernel, links, packet } = twoUplinks(family);
    await kernel.settle();
    kernel.setDown(links[0]);
    expect(kernel.lookup(packet)?.linkIndex).toBe(links[1]);
    await kernel.settle();
    expect([...kernel.state.routes.values()].filter((r) => r.linkIndex === links[0])).toEqual([]);
    expect(kernel.state).toEqual(kernel.truth());
  });
});

describe('IPv4 addresses of one network', () => {
  test('the second is a secondary: it has no route of the network, and goes with the first', () => {
    const kernel = new FakeKernel();
    const index = kernel.network.addLink({ name: 'eth0', isUp: true });
    kernel.addAddress(index, '192.0.2.2/24');
    kernel.addAddress(index, '192.0.2.3/24');
    const networks = () => [...kernel.truth().routes.values()].filter((route) => route.family === 'ipv4');
    expect(networks()).toMatchObject([{ destination: '192.0.2.0/24', preferredSource: '192.0.2.2' }]);
    kernel.removeAddress(index, '192.0.2.3/24');
    expect(networks()).toHaveLength(1);
    kernel.addAddress(index, '192.0.2.3/24');
    kernel.removeAddress(index, '192.0.2.2/24');
    expect(networks()).toEqual([]);
    expect(
      [...kernel.truth().addresses.values()].filter((one) => one.linkIndex === index && one.family === 'ipv4'),
    ).toEqual([]);
  });

  test('a way of a multipath route is dead without an address on its link, and alive again with one', () => {
    const kernel = new FakeKernel();
    const links = ['eth0', 'eth1'].map((name) => kernel.network.addLink({ name, isUp: true }));
    const [first = 0, second = 0] = links;
    kernel.addAddress(first, '192.0.2.2/24');
    kernel.addAddress(second, '198.51.100.2/24');
    const hop = (linkIndex: number, gateway: string) =>
      routeOf({
        family: 'ipv4',
        table: 254,
        destination: '0.0.0.0/0',
        metric: 0,
        linkIndex,
        gateway,
        isOnLink: false,
        because: '',
      });
    kernel.addRoute([hop(first, '192.0.2.1'), hop(second, '198.51.100.1')]);
    const packet = { family: 'ipv4', destination: '8.8.8.8' } as const;
    kernel.removeAddress(first, '192.0.2.2/24');
    expect(kernel.lookup(packet)?.linkIndex).toBe(second);
    kernel.addAddress(first, '192.0.2.2/24');
    expect(kernel.lookup(packet)?.linkIndex).toBe(first);
  });
});

test('resync tells what notifications that were lost unseen would have told', async () => {
  const kernel = new FakeKernel();
  const changes: unknown[] = [];
  kernel.subscribe((batch) => changes.push(...batch));
  kernel.loseNotifications();
  const index = kernel.network.addLink({ name: 'eth0' });
  await kernel.settle();
  expect(changes).toEqual([]);
  await kernel.resync();
  expect(changes).toMatchObject([{ object: 'link', before: null, after: { index } }]);
});

test('with a clock, carrier is noticed at most once a second, and at once when it is read', () => {
  let now = 0;
  const timers: { at: number; callback: () => void }[] = [];
  const kernel = new FakeKernel({
    clock: { now: () => now, setTimeout: (callback, delay) => timers.push({ at: now + delay, callback }) },
  });
  const index = kernel.network.addLink({ name: 'eth0', isUp: true });
  const hasCarrier = () => kernel.network.links.get(index)?.hasCarrier;
  now = 100;
  kernel.unplug(index);
  expect(hasCarrier()).toBe(false);
  kernel.plug(index);
  expect(hasCarrier()).toBe(false);
  expect(timers.map(({ at }) => at)).toEqual([1100]);
  expect(kernel.readCarrier(index)).toBe(true);
  expect(hasCarrier()).toBe(true);
});

describe('Faults', () => {
  const rule = {
    family: 'ipv4',
    priority: 9,
    table: 9,
    from: null,
    outputInterface: null,
    suppressPrefixLength: null,
    because: '',
  } as const;
  const add = { type: 'rule.add', target: '', because: '', rule } as const;

  test('the next operation of a kind is refused with the error, once', async () => {
    const kernel = new FakeKernel();
    kernel.failNext('rule.add', 'EPERM');
    expect(await kernel.execute(add)).toMatchObject({ ok: false, retry: 'permanent', code: 'privilege.missing' });
    expect(await kernel.execute(add)).toEqual({ ok: true });
    expect(kernel.executed).toEqual([add, add]);
  });

  test('an answer is lost, and what was asked for is done', async () => {
    const kernel = new FakeKernel();
    kernel.loseAnswerOfNext('rule.add');
    expect(await kernel.execute(add)).toMatchObject({ ok: false, retry: 'retryable' });
    expect(await kernel.execute(add)).toMatchObject({ ok: false, retry: 'satisfied' });
  });

  test('something happens just before', async () => {
    const kernel = new FakeKernel();
    kernel.beforeNext('rule.add', () => kernel.addRule({ ...ruleOf(rule) }));
    expect(await kernel.execute(add)).toMatchObject({ ok: false, retry: 'satisfied' });
  });
});
