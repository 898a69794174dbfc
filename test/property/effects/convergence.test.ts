import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families, type Family } from '../../../src/model/family.ts';
import { defaultDestination, routeKey, ruleKey, type Route, type Rule } from '../../../src/model/kernel.ts';
import {
  noNetwork,
  ownProtocol,
  type NetworkIntent,
  type Operation,
  type UplinkIntent,
} from '../../../src/model/network.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';
import { addUplink, foreignRoute, foreignRule, PlanBench, routing } from '../../unit/effects/support.ts';

const beyond = { ipv4: '8.8.8.8', ipv6: '2001:4860:4860::8888' } as const;

/** Uplinks 0 and 1 are two phones with one subnet and gateway; 2 has no gateway; 4 has IPv4 only, behind a far gateway. */
const sketches = [
  {
    name: 'usb0',
    ipv4: { address: '192.168.42.2/24', gateway: '192.168.42.129' },
    ipv6: { address: '2001:db8:a::2/64', gateway: 'fe80::a' },
  },
  {
    name: 'usb1',
    ipv4: { address: '192.168.42.3/24', gateway: '192.168.42.129' },
    ipv6: { address: '2001:db8:b::2/64', gateway: 'fe80::a' },
  },
  {
    name: 'ppp0',
    ipv4: { address: '10.64.0.9/32', gateway: null },
    ipv6: { address: '2001:db8:c::9/128', gateway: null },
  },
  {
    name: 'eth0',
    ipv4: { address: '198.51.100.2/24', gateway: '198.51.100.1' },
    ipv6: { address: '2001:db8:d::2/64', gateway: '2001:db8:d::1' },
  },
  { name: 'eth1', ipv4: { address: '203.0.113.2/32', gateway: '203.0.113.1' } },
] as const;

interface Wish {
  /** Positions in `sketches`, best first. */
  readonly order: readonly number[];
  readonly reachable: number;
  /** Known, with tables, but not ranked: blocked, or without a way out. */
  readonly unranked: readonly { readonly at: number; readonly hasPaths: boolean }[];
}

const wish = fc.shuffledSubarray([0, 1, 2, 3, 4]).chain((order) =>
  fc.record({
    order: fc.constant(order),
    reachable: fc.nat(order.length),
    unranked: fc
      .subarray([0, 1, 2, 3, 4].filter((at) => !order.includes(at)))
      .chain((rest) => fc.tuple(...rest.map((at) => fc.record({ at: fc.constant(at), hasPaths: fc.boolean() })))),
  }),
);

function intentFor({ order, reachable, unranked }: Wish, uplinks: readonly UplinkIntent[]): NetworkIntent {
  const at = (position: number): UplinkIntent => {
    const uplink = uplinks[position];
    if (uplink === undefined) throw new RangeError(`no uplink ${position}`);
    return uplink;
  };
  const ranked = order.map(at);
  const ranking = (family: Family) =>
    ranked.flatMap((uplink, rank) =>
      uplink.paths[family] === null ? [] : [{ index: uplink.index, isReachable: rank < reachable }],
    );
  const others = unranked.map(({ at: position, hasPaths }) =>
    hasPaths ? at(position) : { ...at(position), paths: { ipv4: null, ipv6: null } },
  );
  return { uplinks: [...ranked, ...others], ranking: { ipv4: ranking('ipv4'), ipv6: ranking('ipv6') } };
}

/** A route in the tables that backhauld uses, by one of the uplinks, with its gateway, another's, or none. */
const strayRoute = fc.record({
  family: fc.constantFrom(...families),
  table: fc.constantFrom(100, 101, 102, 150, 199, 200),
  isDefault: fc.boolean(),
  metric: fc.constantFrom(1, 1, 5, 10, 10, 11, 12, 13, 14, 15, 16, 1024),
  link: fc.nat(4),
  gateway: fc.constantFrom(0, 1, 3, null),
  isOnLink: fc.boolean(),
});
type StrayRoute = typeof strayRoute extends fc.Arbitrary<infer T> ? T : never;

function routeFor(stray: StrayRoute, uplinks: readonly UplinkIntent[], protocol: number): Route {
  const { family, table, metric } = stray;
  const gateway = stray.gateway === null ? null : (uplinks[stray.gateway]?.paths[family]?.gateway ?? null);
  return foreignRoute({
    family,
    table,
    destination: stray.isDefault
      ? defaultDestination(family)
      : family === 'ipv4'
        ? '192.168.42.0/24'
        : '2001:db8:a::/64',
    metric,
    linkIndex: uplinks[stray.link]?.index ?? 1,
    gateway,
    isOnLink: gateway !== null && stray.isOnLink,
    scope: gateway === null && family === 'ipv4' ? 'link' : 'global',
    protocol,
  });
}

const strayRule = fc.record({
  family: fc.constantFrom(...families),
  priority: fc.constantFrom(1000, 1010, 1050, 1100, 1200, 32_765, 1300, 40_001),
  table: fc.constantFrom(100, 101, 102, 200, 254),
  selector: fc.constantFrom('from', 'oif', 'mark', 'suppress'),
});
type StrayRule = typeof strayRule extends fc.Arbitrary<infer T> ? T : never;

/**
 * Rules of others are narrow, so that lookups by the ranking go past them; and none could be taken for one of ours when
 * that is removed, which the drivers refuse.
 */
const ruleFor = ({ family, priority, table, selector }: StrayRule, protocol: number): Rule =>
  foreignRule({
    family,
    priority,
    table: protocol === ownProtocol || priority > 40_000 ? table : 300,
    protocol,
    from: selector === 'from' ? (family === 'ipv4' ? '192.168.42.2/32' : '2001:db8:a::2/128') : null,
    outputInterface: selector === 'oif' ? 'usb0' : null,
    ...(selector === 'mark' ? { mark: 7, mask: 255 } : {}),
    suppressPrefixLength: selector === 'suppress' ? 0 : null,
  });

interface World {
  readonly bench: PlanBench;
  readonly uplinks: readonly UplinkIntent[];
}

function makeWorld(): World {
  const kernel = new FakeKernel();
  const uplinks = sketches.map((sketch) => addUplink(kernel, sketch));
  for (const { index } of uplinks) {
    for (const family of families)
      kernel.setSetting({ linkIndex: index, family, key: 'ignore_routes_with_linkdown' }, '1');
  }
  return { bench: new PlanBench(kernel), uplinks };
}

const foreignObjects = ({ kernel: { network } }: PlanBench): readonly string[] => {
  const isForeign = ({ protocol }: Route | Rule): boolean => protocol !== ownProtocol;
  const routes = network.fib.routes.flat().filter(isForeign);
  return [
    ...routes.map((route) => `${routeKey(route)} ${route.isOnLink}`),
    ...network.rules.filter(isForeign).map(ruleKey),
  ].toSorted();
};

/** Uplinks that are reachable in the intent and carry. */
const usable = (intent: NetworkIntent, family: Family, { kernel }: PlanBench): ReadonlySet<number> =>
  new Set(
    intent.ranking[family]
      .filter(({ index, isReachable }) => isReachable && kernel.network.links.get(index)?.hasCarrier === true)
      .map(({ index }) => index),
  );

/** Watches that unbound traffic has a usable way after every operation, from the moment it has one. */
function watchUnboundTraffic(bench: PlanBench, intent: NetworkIntent): (what: Operation | 'nothing yet') => void {
  const hadWay: Record<Family, boolean> = { ipv4: false, ipv6: false };
  return (what) => {
    if (what !== 'nothing yet' && !/^(?:route|rule)/u.test(what.type)) return;
    for (const family of families) {
      const way = bench.kernel.lookup({ family, destination: beyond[family] });
      const isUsable = way !== null && usable(intent, family, bench).has(way.linkIndex);
      if (hadWay[family]) expect(isUsable, `${family} after ${JSON.stringify(what)}`).toBe(true);
      hadWay[family] = isUsable;
    }
  };
}

describe('a plan', () => {
  test('ROUT-8: leads from any state to the one that is wanted, and leaves what others have untouched', async () => {
    await fc.assert(
      fc.asyncProperty(
        wish,
        fc.array(strayRoute, { maxLength: 6 }),
        fc.array(strayRule, { maxLength: 4 }),
        fc.array(strayRoute, { maxLength: 2 }),
        fc.array(strayRule, { maxLength: 2 }),
        async (wanted, ownRoutes, ownRules, otherRoutes, otherRules) => {
          const { bench, uplinks } = makeWorld();
          bench.kernel.load({
            routes: [
              ...ownRoutes.map((route) => [routeFor(route, uplinks, ownProtocol)]),
              ...otherRoutes.map((route) => [routeFor(route, uplinks, 4)]),
            ],
            rules: [
              ...ownRules.map((rule) => ruleFor(rule, ownProtocol)),
              ...otherRules.map((rule) => ruleFor(rule, 4)),
            ],
          });
          const others = foreignObjects(bench);
          const intent = intentFor(wanted, uplinks);
          const plans = await bench.toRest(intent);
          expect(plans).toBeLessThanOrEqual(5);
          expect(foreignObjects(bench)).toEqual(others);
          for (const family of families) {
            const names = intent.ranking[family].map(({ index }) => bench.kernel.state.links.get(index)?.name);
            expect(bench.ranking(family)).toEqual(names);
          }
          await bench.toRest(noNetwork);
          expect([...bench.ownRoutes(), ...bench.ownRules()]).toEqual([]);
          expect(foreignObjects(bench)).toEqual(others);
        },
      ),
      { numRuns: 80 },
    );
  });

  test('ROUT-4: between any two intents, at no instant is there no way while an uplink is usable', async () => {
    await fc.assert(
      fc.asyncProperty(wish, wish, fc.array(fc.nat(4), { maxLength: 2 }), async (first, second, unplugged) => {
        const { bench, uplinks } = makeWorld();
        await bench.toRest(intentFor(first, uplinks));
        for (const at of unplugged) bench.kernel.unplug(uplinks[at]?.index ?? 0);
        const intent = intentFor(second, uplinks);
        const watch = watchUnboundTraffic(bench, intent);
        const before = families.map((family) => new Set(bench.ranking(family)));
        const lasting = families.map((family, at) =>
          [...usable(intent, family, bench)]
            .map((index) => bench.kernel.state.links.get(index)?.name ?? '?')
            .filter((name) => before[at]?.has(name)),
        );
        watch('nothing yet');
        const plans = await bench.toRest(intent, (operation) => {
          watch(operation);
          // Usable uplinks that were in the ranking and stay there are in it all the time.
          if (!operation.type.startsWith('route')) return;
          for (const [at, family] of families.entries()) {
            const ranking = bench.ranking(family);
            expect(
              lasting[at]?.filter((name) => !ranking.includes(name)),
              operation.target,
            ).toEqual([]);
          }
        });
        // A second one where a gateway had to answer first.
        expect(plans).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100 },
    );
  });

  test('ROUT-4: when the uplink in use is lost, the first operation moves the traffic', async () => {
    await fc.assert(
      fc.asyncProperty(wish, async (first) => {
        const { bench, uplinks } = makeWorld();
        const { order } = first;
        fc.pre(order.length >= 2 && first.reachable >= 2);
        await bench.toRest(intentFor(first, uplinks));
        const [lost = 0, ...rest] = order;
        const unranked = [...first.unranked, { at: lost, hasPaths: false }];
        const intent = intentFor({ order: rest, reachable: first.reachable - 1, unranked }, uplinks);
        fc.pre(uplinks[rest[0] ?? 0]?.paths.ipv6 !== null);
        await bench.kernel.settle();
        const head = uplinks[rest[0] ?? 0]?.index;
        const [one, two] = bench.plan(intent).operations;
        for (const operation of [one, two]) if (operation?.type === 'route.replace') await bench.execute(operation);
        expect(bench.kernel.lookup({ family: 'ipv4', destination: beyond.ipv4 })?.linkIndex).toBe(head);
        if (uplinks[lost]?.paths.ipv6 !== null) {
          expect(bench.kernel.lookup({ family: 'ipv6', destination: beyond.ipv6 })?.linkIndex).toBe(head);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('ROUT-8: a step that fails leaves the node no worse, and the next plans reach the end all the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        wish,
        wish,
        fc.constantFrom('route.replace', 'route.delete', 'rule.add', 'rule.delete'),
        fc.constantFrom('ENOBUFS', 'EINVAL', 'ENETUNREACH', 'answerLost'),
        fc.nat(3),
        async (first, second, type, errno, skipped) => {
          const { bench, uplinks } = makeWorld();
          await bench.toRest(intentFor(first, uplinks));
          const intent = intentFor(second, uplinks);
          const watch = watchUnboundTraffic(bench, intent);
          watch('nothing yet');
          let seen = 0;
          const fail = (): void => {
            if (errno === 'answerLost') bench.kernel.loseAnswerOfNext(type);
            else bench.kernel.failNext(type, errno);
          };
          if (skipped === 0) fail();
          await bench.toRest(intent, (operation) => {
            watch(operation);
            if (operation.type !== type) return;
            seen += 1;
            if (seen === skipped) fail();
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('ROUT-8: what is refused for good is left out, without a gap and without loss of what is ranked', async () => {
    await fc.assert(
      fc.asyncProperty(wish, wish, fc.nat(), async (first, second, which) => {
        const { bench, uplinks } = makeWorld();
        await bench.toRest(intentFor(first, uplinks));
        const intent = intentFor(second, uplinks);
        const { operations } = bench.plan(intent);
        fc.pre(operations.length > 0);
        const refused = operations[which % operations.length];
        const blocked = new Set([`${refused?.type} ${refused?.target}`]);
        const watch = watchUnboundTraffic(bench, intent);
        watch('nothing yet');
        for (let plans = 0; plans < 5; plans += 1) {
          await bench.kernel.settle();
          for (const operation of bench.plan(intent, { blocked }).operations) {
            expect(`${operation.type} ${operation.target}`).not.toBe(`${refused?.type} ${refused?.target}`);
            await bench.execute(operation);
            watch(operation);
          }
        }
        expect(bench.plan(intent, { blocked }).operations).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('ROUT-8: the end hands the network back without a gap: from the ranking, traffic falls to main as a whole', async () => {
    await fc.assert(
      fc.asyncProperty(wish, async (first) => {
        const { bench, uplinks } = makeWorld();
        const eth = uplinks[3];
        const main = foreignRoute({
          table: 254,
          destination: '0.0.0.0/0',
          linkIndex: eth?.index ?? 0,
          gateway: '198.51.100.1',
          scope: 'global',
        });
        bench.kernel.load({ routes: [[main]] });
        const others = foreignObjects(bench);
        const intent = intentFor(first, uplinks);
        await bench.toRest(intent);
        const ways: (number | undefined)[] = [];
        const look = (): void => {
          ways.push(bench.kernel.lookup({ family: 'ipv4', destination: beyond.ipv4 })?.linkIndex);
        };
        look();
        await bench.toRest(noNetwork, look);
        // One change at most: from the head of the ranking to main's own default, never by another uplink or none.
        expect(new Set(ways).size).toBeLessThanOrEqual(2);
        expect(ways).not.toContain(undefined);
        expect(ways.at(-1)).toBe(eth?.index);
        expect(ways.filter((way, at) => at > 0 && way !== ways[at - 1]).length).toBeLessThanOrEqual(1);
        expect(foreignObjects(bench)).toEqual(others);
        expect(bench.journal.records.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('ROUT-8: a restart takes over what a former run left: nothing is done for the same intent', async () => {
    await fc.assert(
      fc.asyncProperty(wish, async (first) => {
        const { bench, uplinks } = makeWorld();
        const intent = intentFor(first, uplinks);
        await bench.toRest(intent);
        const restarted = new PlanBench(bench.kernel, {}, bench.journal);
        expect(restarted.plan(intent).operations).toEqual([]);
        expect(routing.firstTable).toBe(100);
      }),
      { numRuns: 60 },
    );
  });
});
