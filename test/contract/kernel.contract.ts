import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Family } from '../../src/model/family.ts';
import type { Problem } from '../../src/model/errors.ts';
import { isDefault, type KernelChange, type KernelState, mainTable } from '../../src/model/kernel.ts';
import { done, ownProtocol } from '../../src/model/network.ts';
import type { Kernel } from '../../src/adapters/netlink/driver.ts';
import {
  address,
  addressesOf,
  addRule,
  contentOf,
  deleteRoute,
  deleteRule,
  type KernelWorld,
  plans,
  replaceRoute,
  reportedRoute,
  reportedRule,
  resolveNeighbour,
  routesIn,
  rulesOf,
  wantedRoute,
  wantedRule,
  Witness,
} from './kernel-world.ts';

const bothFamilies: readonly Family[] = ['ipv4', 'ipv6'];

/** What everyone may rely on who holds a `Kernel`, whichever it is. Each test has a world of its own. */
export function describeKernelContract(name: string, makeWorld: () => Promise<KernelWorld>): void {
  describe(`The contract of the kernel: ${name}`, () => {
    let world: KernelWorld;
    let kernel: Kernel;
    let witness: Witness;
    let problems: Problem[];
    let defects: unknown[];

    beforeEach(async () => {
      world = await makeWorld();
      problems = [];
      defects = [];
      kernel = await world.open({
        onProblem: (problem) => problems.push(problem),
        onDefect: (defect) => defects.push(defect),
      });
      witness = new Witness(kernel);
    });

    afterEach(async () => {
      // Neighbours change by themselves while one looks; of an address that is still being tested the kernel tells
      // nothing, though a dump shows it.
      const settled = (state: KernelState): object =>
        Object.fromEntries(
          [...contentOf(state)].filter(
            ([key, value]) => !key.startsWith('neighbour') && !(value as { isTentative?: boolean }).isTentative,
          ),
        );
      try {
        await witness.heard();
        expect(settled(kernel.state)).toEqual(settled(await world.truth()));
      } finally {
        await kernel.close();
        await world.close();
      }
    });

    /** A link that is up, with carrier and an address of each family. */
    async function uplink(name = 'wan0'): Promise<number> {
      const index = world.addLink(name);
      world.up(index);
      for (const family of bothFamilies) world.addAddress(index, address(family));
      await witness.until(
        ({ links, addresses }) =>
          links.get(index)?.hasCarrier === true &&
          [...addresses.values()].filter((one) => one.linkIndex === index && !one.isTentative).length >= 3,
      );
      await witness.heard();
      return index;
    }

    const of = <T extends KernelChange['object']>(changes: readonly KernelChange[], object: T) =>
      changes.filter((change): change is Extract<KernelChange, { object: T }> => change.object === object);

    describe('What it tells', () => {
      test('DISC-1: everything that is there is in the state when it opens', async () => {
        const index = await uplink();
        world.addRule(reportedRule('ipv4'));
        const second = await world.open();
        expect(second.state.links.get(index)).toMatchObject({ name: 'wan0', isUp: true, hasCarrier: true, mtu: 1500 });
        expect(addressesOf(second.state, index)).toHaveLength(2);
        expect(rulesOf(second.state, 'ipv4')).toEqual([reportedRule('ipv4')]);
        for (const family of bothFamilies) {
          const found = routesIn(second.state, family, mainTable).filter((route) => route.linkIndex === index);
          expect(found.map((route) => route.destination)).toContain(plans[family].network);
          expect([...second.state.rules.values()].filter((rule) => rule.family === family).length).toBeGreaterThan(1);
        }
        await second.close();
      });

      test('a link comes, goes up, is renamed and goes, each told once', async () => {
        const index = world.addLink('wan0');
        expect(of(await witness.heard(), 'link').filter(({ after }) => after?.index === index)).toMatchObject([
          { before: null, after: { index, name: 'wan0', isUp: false, hasCarrier: false, isLoopback: false } },
        ]);
        world.up(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === true);
        const ups = of(await witness.heard(), 'link').filter(({ after }) => after?.index === index);
        expect(ups.filter(({ before, after }) => before?.isUp === false && after?.isUp === true)).toHaveLength(1);
        expect(ups.at(-1)?.after).toMatchObject({ isUp: true, hasCarrier: true });
        world.rename(index, 'lan0');
        expect(of(await witness.heard(), 'link').filter(({ after }) => after?.index === index)).toMatchObject([
          { before: { name: 'wan0' }, after: { index, name: 'lan0', isUp: true } },
        ]);
        world.remove(index);
        const gone = of(await witness.heard(), 'link').filter(({ after, before }) => before?.index === index && !after);
        expect(gone).toHaveLength(1);
      });

      test('a renamed link keeps its index, its addresses and its routes', async () => {
        const index = await uplink();
        const before = contentOf(kernel.state).size;
        world.rename(index, 'lan0');
        await witness.heard();
        expect(kernel.state.links.get(index)?.name).toBe('lan0');
        expect(contentOf(kernel.state).size).toBe(before);
      });

      test('a name that goes from one link to another takes nothing along', async () => {
        const first = await uplink('wan0');
        world.rename(first, 'lan0');
        const second = world.addLink('wan0');
        world.up(second);
        await witness.heard();
        const indexes = routesIn(kernel.state, 'ipv4', mainTable).map(({ linkIndex }) => linkIndex);
        expect([kernel.state.links.get(first)?.name, kernel.state.links.get(second)?.name]).toEqual(['lan0', 'wan0']);
        expect(indexes).toEqual([first]);
      });

      test('a cable that is pulled takes the carrier and leaves addresses and routes', async () => {
        const index = await uplink();
        for (const family of bothFamilies) await kernel.execute(replaceRoute(wantedRoute(family, index)));
        await witness.heard();
        world.unplug(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === false);
        expect(of(await witness.heard(), 'link')).toMatchObject([
          { before: { hasCarrier: true }, after: { isUp: true, hasCarrier: false } },
        ]);
        for (const family of bothFamilies) expect(routesIn(kernel.state, family)).toHaveLength(1);
        expect(addressesOf(kernel.state, index)).toHaveLength(2);
        world.plug(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === true);
      });

      test('a cable pulled from a link like a NIC is told, if late', async () => {
        const index = world.addLink('nic0', { isLikeNic: true });
        world.up(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === true);
        world.unplug(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === false);
        expect(kernel.state.links.get(index)).toMatchObject({ isUp: true, lowerIndex: index });
      });

      test.each(bothFamilies)('an address comes and goes with the route of its network (%s)', async (family) => {
        const index = world.addLink('wan0');
        world.up(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === true);
        await witness.heard();
        world.addAddress(index, address(family));
        await witness.until((state) => addressesOf(state, index).some(({ isTentative }) => !isTentative));
        await witness.heard();
        expect(addressesOf(kernel.state, index)).toMatchObject([
          { family, address: plans[family].own, prefixLength: plans[family].length, peer: null, isDeprecated: false },
        ]);
        const networks = (): readonly string[] =>
          routesIn(kernel.state, family, mainTable)
            .filter(({ linkIndex, gateway, protocol }) => linkIndex === index && gateway === null && protocol === 2)
            .map(({ destination }) => destination);
        expect(networks()).toContain(plans[family].network);
        world.removeAddress(index, address(family));
        const gone = of(await witness.heard(), 'address');
        expect(gone).toMatchObject([{ before: { address: plans[family].own }, after: null }]);
        expect(networks()).not.toContain(plans[family].network);
      });

      test.each(bothFamilies)('a route of someone else comes and goes, each told once (%s)', async (family) => {
        const index = await uplink();
        const route = reportedRoute(family, index);
        world.addRoute([route]);
        expect(await witness.heard()).toEqual([{ object: 'route', before: null, after: route }]);
        world.removeRoute([route]);
        expect(await witness.heard()).toEqual([{ object: 'route', before: route, after: null }]);
      });

      test.each(bothFamilies)('a rule of someone else comes and goes, each told once (%s)', async (family) => {
        const from = `${plans[family].own}/${plans[family].hostLength}`;
        const rule = reportedRule(family, { from, protocol: 3, mark: 16, mask: 0xff, inputInterface: 'lo' });
        world.addRule(rule);
        expect(await witness.heard()).toEqual([{ object: 'rule', before: null, after: rule }]);
        world.removeRule(rule);
        expect(await witness.heard()).toEqual([{ object: 'rule', before: rule, after: null }]);
      });

      test('a listener that throws hurts nobody, and one that has ended hears nothing', async () => {
        let [count, ended] = [0, 0];
        kernel.subscribe(() => {
          throw new Error('thrown by a listener');
        });
        kernel.subscribe(() => (count += 1));
        const end = kernel.subscribe(() => (ended += 1));
        end();
        end();
        world.addRule(reportedRule('ipv4'));
        await kernel.settle();
        expect(count).toBe(1);
        expect(ended).toBe(0);
        expect(defects).toEqual([new Error('thrown by a listener')]);
      });

      test('the state holds a change before any listener hears of it', async () => {
        let seen: boolean | undefined;
        kernel.subscribe(() => {
          seen = rulesOf(kernel.state, 'ipv6').length === 1;
        });
        world.addRule(reportedRule('ipv6'));
        await kernel.settle();
        expect(seen).toBe(true);
      });

      test('it counts the packets of a link', async () => {
        const index = await uplink();
        expect(kernel.counters(index)?.sentPackets).toBeTypeOf('number');
        expect(kernel.counters(99_999)).toBeNull();
      });
    });

    describe('What the kernel does in silence', () => {
      test('a link that is set down loses its routes in every table', async () => {
        const index = await uplink();
        for (const family of bothFamilies) {
          for (const table of [mainTable, 150, 151]) world.addRoute([reportedRoute(family, index, { table })]);
        }
        await witness.heard();
        world.down(index);
        await witness.until(({ routes }) => ![...routes.values()].some((route) => route.linkIndex === index));
        await witness.heard();
        expect(addressesOf(kernel.state, index).map(({ family }) => family)).toEqual(['ipv4']);
        world.up(index);
        await witness.until(({ links }) => links.get(index)?.hasCarrier === true);
        await witness.heard();
        expect(routesIn(kernel.state, 'ipv4', mainTable).some((route) => route.linkIndex === index)).toBe(true);
      });

      test('the last IPv4 address of a link takes the IPv4 routes of all tables along', async () => {
        const index = await uplink();
        for (const family of bothFamilies) world.addRoute([reportedRoute(family, index)]);
        await witness.heard();
        world.removeAddress(index, address('ipv4'));
        await witness.until((state) => routesIn(state, 'ipv4').length === 0);
        await witness.heard();
        expect(routesIn(kernel.state, 'ipv6')).toHaveLength(1);
      });

      test('a deleted link takes addresses, routes and neighbours along, and leaves the rules', async () => {
        const index = await uplink();
        for (const family of bothFamilies) {
          await kernel.execute(replaceRoute(wantedRoute(family, index)));
          await kernel.execute(addRule(wantedRule(family, { outputInterface: 'wan0' })));
          await kernel.execute(resolveNeighbour(family, index, plans[family].gateway));
        }
        world.remove(index);
        await witness.heard();
        const { links, addresses, routes, neighbours } = kernel.state;
        expect(links.has(index)).toBe(false);
        for (const map of [addresses, routes, neighbours]) {
          expect([...map.values()].filter((one) => one.linkIndex === index)).toEqual([]);
        }
        for (const family of bothFamilies) expect(rulesOf(kernel.state, family)).toHaveLength(1);
      });

      test('a link of the same name that comes after is another one', async () => {
        const first = await uplink();
        world.remove(first);
        const second = await uplink();
        expect(second).not.toBe(first);
        expect(await kernel.execute(replaceRoute(wantedRoute('ipv4', second)))).toEqual(done);
        expect((await kernel.execute(replaceRoute(wantedRoute('ipv4', first)))).ok).toBe(false);
        await witness.heard();
        expect(routesIn(kernel.state, 'ipv4').map(({ linkIndex }) => linkIndex)).toEqual([second]);
      });
    });

    describe('What it does', () => {
      test.each(bothFamilies)(
        'ROUT-5: a route that was put in comes back in the state with our mark (%s)',
        async (family) => {
          const index = await uplink();
          expect(await kernel.execute(replaceRoute(wantedRoute(family, index)))).toEqual(done);
          const after = reportedRoute(family, index, { protocol: ownProtocol });
          expect(await witness.heard()).toEqual([{ object: 'route', before: null, after }]);
          expect(await kernel.execute(replaceRoute(wantedRoute(family, index)))).toEqual(done);
          expect(await witness.heard()).toEqual([]);
          expect(await kernel.execute(deleteRoute(after))).toEqual(done);
          expect(await witness.heard()).toEqual([{ object: 'route', before: after, after: null }]);
        },
      );

      test.each(bothFamilies)('a route without a gateway, one on link, one without metric (%s)', async (family) => {
        const index = await uplink();
        const { elsewhere, target, noMetric } = plans[family];
        const wanted = [
          wantedRoute(family, index, { gateway: null }),
          wantedRoute(family, index, { table: 151, gateway: elsewhere, isOnLink: true }),
          wantedRoute(family, index, { table: 152, destination: target, metric: 0 }),
        ];
        for (const route of wanted) expect(await kernel.execute(replaceRoute(route))).toEqual(done);
        await witness.heard();
        const own = { protocol: ownProtocol };
        expect(routesIn(kernel.state, family)).toEqual([reportedRoute(family, index, { ...own, gateway: null })]);
        expect(routesIn(kernel.state, family, 151)).toEqual([
          reportedRoute(family, index, { ...own, table: 151, gateway: elsewhere, isOnLink: true }),
        ]);
        expect(routesIn(kernel.state, family, 152)).toEqual([
          reportedRoute(family, index, { ...own, table: 152, destination: target, metric: noMetric }),
        ]);
        for (const table of [150, 151, 152]) {
          for (const route of routesIn(kernel.state, family, table)) {
            expect(await kernel.execute(deleteRoute(route))).toEqual(done);
          }
        }
      });

      test.each(bothFamilies)(
        'ROUT-4: a route in a place that is taken replaces, without an instant of neither (%s)',
        async (family) => {
          const [first, second] = [await uplink('wan0'), world.addLink('wan1')];
          world.up(second);
          await witness.until(({ links }) => links.get(second)?.hasCarrier === true);
          world.addRule(
            reportedRule(family, { priority: 1004, table: mainTable, suppressPrefixLength: 0, protocol: 3 }),
          );
          world.addRule(reportedRule(family, { protocol: 3 }));
          const ways = [
            wantedRoute(family, first),
            wantedRoute(family, first, { gateway: plans[family].otherGateway }),
            wantedRoute(family, second, { gateway: plans[family].elsewhere, isOnLink: true }),
            wantedRoute(family, second, { gateway: null }),
            wantedRoute(family, first),
          ];
          await kernel.execute(replaceRoute(wantedRoute(family, first, { gateway: plans[family].otherGateway })));
          await witness.heard();
          let gaps = 0;
          kernel.subscribe(() => {
            if (routesIn(kernel.state, family).length === 0) gaps += 1;
          });
          for (const wanted of ways) {
            world.send(plans[family].far);
            expect(await kernel.execute(replaceRoute(wanted))).toEqual(done);
            await witness.heard();
            expect(routesIn(kernel.state, family)).toMatchObject([
              { linkIndex: wanted.linkIndex, gateway: wanted.gateway },
            ]);
          }
          expect(gaps).toBe(0);
        },
      );

      test.each(bothFamilies)('ROUT-5: a route of someone else in the place is left alone (%s)', async (family) => {
        const index = await uplink();
        const foreign = reportedRoute(family, index, { gateway: plans[family].otherGateway });
        world.addRoute([foreign]);
        const result = await kernel.execute(replaceRoute(wantedRoute(family, index)));
        expect(result).toMatchObject({ ok: false, retry: 'permanent', code: 'kernel.refused' });
        await witness.heard();
        expect(routesIn(kernel.state, family)).toEqual([foreign]);
      });

      test.each(bothFamilies)(
        'two of ours in one place can be told apart, replaced and deleted (%s)',
        async (family) => {
          const index = await uplink();
          const { gateway, otherGateway, nobody } = plans[family];
          const own = { protocol: ownProtocol };
          world.addRoute([reportedRoute(family, index, { ...own, gateway })]);
          world.addRoute([reportedRoute(family, index, { ...own, gateway: otherGateway })], 'append');
          await witness.heard();
          const gateways = (): readonly (string | null)[] =>
            routesIn(kernel.state, family).map((route) => route.gateway);
          expect(new Set(gateways())).toEqual(new Set([gateway, otherGateway]));
          // IPv6 has joined them to one route of two ways, IPv4 has one behind the other.
          expect(await kernel.execute(replaceRoute(wantedRoute(family, index, { gateway: nobody })))).toEqual(done);
          await witness.heard();
          expect(gateways()).toContain(nobody);
          for (const route of routesIn(kernel.state, family))
            expect(await kernel.execute(deleteRoute(route))).toEqual(done);
          await witness.heard();
          expect(gateways()).toEqual([]);
        },
      );

      test.each(bothFamilies)('what is gone already is satisfied to be deleted (%s)', async (family) => {
        const index = await uplink();
        const route = reportedRoute(family, index, { protocol: ownProtocol });
        const satisfied = { ok: false, retry: 'satisfied' };
        expect(await kernel.execute(deleteRoute(route))).toMatchObject(satisfied);
        expect(await kernel.execute(deleteRoute({ ...route, table: 199 }))).toMatchObject(satisfied);
        expect(await kernel.execute(deleteRule(reportedRule(family)))).toMatchObject(satisfied);
        expect(await witness.heard()).toEqual([]);
      });

      test('a route of IPv4 without metric that is gone takes none with a metric along', async () => {
        const index = await uplink();
        await kernel.execute(replaceRoute(wantedRoute('ipv4', index)));
        const gone = reportedRoute('ipv4', index, { metric: 0, protocol: ownProtocol });
        expect(await kernel.execute(deleteRoute(gone))).toMatchObject({ ok: false, retry: 'satisfied' });
        await witness.heard();
        expect(routesIn(kernel.state, 'ipv4')).toHaveLength(1);
      });

      test.each(bothFamilies)('a rule comes back as it was wanted, twice is once, and it goes (%s)', async (family) => {
        await uplink();
        const from = `${plans[family].own}/${plans[family].hostLength}`;
        const all = [
          { from },
          { priority: 1006, outputInterface: 'wan0' },
          { priority: 1007, table: mainTable, suppressPrefixLength: 0 },
        ];
        for (const more of all) {
          expect(await kernel.execute(addRule(wantedRule(family, more)))).toEqual(done);
          const rule = reportedRule(family, more);
          expect(await witness.heard()).toEqual([{ object: 'rule', before: null, after: rule }]);
          expect(await kernel.execute(addRule(wantedRule(family, more)))).toMatchObject({
            ok: false,
            retry: 'satisfied',
          });
          expect(await witness.heard()).toEqual([]);
        }
        for (const more of all) expect(await kernel.execute(deleteRule(reportedRule(family, more)))).toEqual(done);
        expect(of(await witness.heard(), 'rule')).toHaveLength(3);
      });

      test.each(bothFamilies)('ROUT-5: a rule of someone else is not deleted for ours (%s)', async (family) => {
        world.addRule(reportedRule(family, { protocol: 3 }));
        expect((await kernel.execute(deleteRule(reportedRule(family)))).ok).toBe(false);
        await kernel.execute(addRule(wantedRule(family)));
        const result = await kernel.execute(deleteRule(reportedRule(family)));
        await witness.heard();
        expect(rulesOf(kernel.state, family)).toContainEqual(reportedRule(family, { protocol: 3 }));
        expect(rulesOf(kernel.state, family)).toHaveLength(result.ok ? 1 : 2);
      });

      test('the families stand beside each other: the same table and priority in one is nothing to the other', async () => {
        const index = await uplink();
        for (const family of bothFamilies) {
          await kernel.execute(replaceRoute(wantedRoute(family, index)));
          await kernel.execute(addRule(wantedRule(family)));
        }
        await kernel.execute(deleteRoute(reportedRoute('ipv4', index, { protocol: ownProtocol })));
        await kernel.execute(deleteRule(reportedRule('ipv6')));
        await witness.heard();
        expect(bothFamilies.map((family) => routesIn(kernel.state, family).length)).toEqual([0, 1]);
        expect(bothFamilies.map((family) => rulesOf(kernel.state, family).length)).toEqual([1, 0]);
      });

      test('operations that are asked for at once are done in that order', async () => {
        const index = await uplink();
        const { gateway, otherGateway } = plans.ipv4;
        const wanted = (more: string): Parameters<Kernel['execute']>[0] =>
          replaceRoute(wantedRoute('ipv4', index, { gateway: more }));
        const operations = [
          wanted(gateway),
          addRule(wantedRule('ipv6')),
          wanted(otherGateway),
          deleteRule(reportedRule('ipv6')),
          wanted(gateway),
        ];
        expect(await Promise.all(operations.map(async (one) => kernel.execute(one)))).toEqual(
          operations.map(() => done),
        );
        await witness.heard();
        expect(routesIn(kernel.state, 'ipv4').map((route) => route.gateway)).toEqual([gateway]);
        expect(rulesOf(kernel.state, 'ipv6')).toEqual([]);
      });

      test.each(bothFamilies)(
        'a gateway that no network of the link covers is refused, and may be tried again (%s)',
        async (family) => {
          const index = await uplink();
          const result = await kernel.execute(
            replaceRoute(wantedRoute(family, index, { gateway: plans[family].elsewhere })),
          );
          expect(result).toMatchObject({ ok: false, retry: 'retryable', code: 'kernel.refused' });
        },
      );

      test('a gateway of IPv6 is looked for by the rules: a default that comes before the route of its network hides it', async () => {
        const index = await uplink();
        for (const family of bothFamilies) {
          world.addRule(reportedRule(family));
          world.addRoute([reportedRoute(family, index, { gateway: plans[family].otherGateway })]);
        }
        const wanted = (family: Family): ReturnType<typeof replaceRoute> =>
          replaceRoute(wantedRoute(family, index, { table: 151 }));
        expect(await kernel.execute(wanted('ipv4'))).toEqual(done);
        expect(await kernel.execute(wanted('ipv6'))).toMatchObject({ ok: false, retry: 'retryable' });
        const { network: destination } = plans.ipv6;
        world.addRoute([reportedRoute('ipv6', index, { destination, gateway: null })]);
        expect(await kernel.execute(wanted('ipv6'))).toEqual(done);
      });

      test.each(bothFamilies)(
        'a link that is down or gone refuses routes, and may be tried again (%s)',
        async (family) => {
          const index = await uplink();
          world.down(index);
          const wanted = replaceRoute(wantedRoute(family, index, { gateway: null }));
          expect(await kernel.execute(wanted)).toMatchObject({ ok: false, retry: 'retryable' });
          world.remove(index);
          expect(await kernel.execute(wanted)).toMatchObject({ ok: false, retry: 'retryable' });
          expect(await kernel.execute(resolveNeighbour(family, index, plans[family].gateway))).toMatchObject({
            ok: false,
          });
        },
      );

      test.each(['', 'default', '192.0.2.1; reboot', 'fe80::1%wan0', '192.0.2.1 dev lo', '1.2.3'])(
        'SECU-4: %j is no gateway: refused for good, and nothing is done',
        async (gateway) => {
          const index = await uplink();
          const result = await kernel.execute(replaceRoute(wantedRoute('ipv4', index, { gateway })));
          expect(result).toMatchObject({ ok: false, retry: 'permanent' });
          expect(await witness.heard()).toEqual([]);
        },
      );

      test.each(bothFamilies)('ROUT-4: a neighbour that answers becomes reachable (%s)', async (family) => {
        const index = await uplink();
        world.setAnswering(index, plans[family].gateway, true);
        expect(await kernel.execute(resolveNeighbour(family, index, plans[family].gateway))).toEqual(done);
        await witness.until(
          ({ neighbours }) => neighbours.get(`${index} ${plans[family].gateway}`)?.state === 'reachable',
        );
        expect(kernel.state.neighbours.get(`${index} ${plans[family].gateway}`)?.macAddress).toMatch(
          /^\w\w(:\w\w){5}$/u,
        );
      });

      test.each(bothFamilies)('a neighbour that does not answer ends as failed (%s)', async (family) => {
        const index = await uplink();
        expect(await kernel.execute(resolveNeighbour(family, index, plans[family].nobody))).toEqual(done);
        await witness.until(({ neighbours }) => neighbours.get(`${index} ${plans[family].nobody}`)?.state === 'failed');
      });
    });

    describe('What is rare', () => {
      test.each([
        '$(reboot)',
        '-h',
        '--help',
        '"wan',
        "it's",
        'a#b',
        '#',
        'back\\',
        'fifteen-chars-1',
        'wän',
        '名前',
        'dev',
        'if1',
        '*',
        'a;b',
        '`id`',
        'a@b',
        '\u0001',
      ])('SECU-4: a link may be called %j', async (name) => {
        const index = await uplink(name);
        expect(kernel.state.links.get(index)?.name).toBe(name);
        for (const family of bothFamilies) {
          expect(await kernel.execute(replaceRoute(wantedRoute(family, index)))).toEqual(done);
          expect(await kernel.execute(addRule(wantedRule(family, { outputInterface: name })))).toEqual(done);
          await witness.heard();
          expect(routesIn(kernel.state, family)).toMatchObject([{ linkIndex: index }]);
          expect(rulesOf(kernel.state, family)).toEqual([reportedRule(family, { outputInterface: name })]);
          expect(await kernel.execute(deleteRule(reportedRule(family, { outputInterface: name })))).toEqual(done);
        }
      });

      test.each(bothFamilies)('a route of several ways is told as one route for each (%s)', async (family) => {
        const [index, other] = [await uplink('wan0'), world.addLink('wan1')];
        world.up(other);
        await witness.until(({ links }) => links.get(other)?.hasCarrier === true);
        await witness.heard();
        const { gateway, otherGateway, elsewhere } = plans[family];
        const hops = [
          reportedRoute(family, index, { gateway }),
          reportedRoute(family, index, { gateway: otherGateway }),
          reportedRoute(family, other, { gateway: elsewhere, isOnLink: true }),
        ];
        world.addRoute(hops);
        expect(of(await witness.heard(), 'route').map(({ after }) => after?.gateway)).toEqual(
          hops.map((hop) => hop.gateway),
        );
        world.down(other);
        await witness.heard();
        expect(routesIn(kernel.state, family).map((hop) => hop.gateway)).toEqual([gateway, otherGateway]);
        world.down(index);
        await witness.heard();
        expect(routesIn(kernel.state, family)).toEqual([]);
      });

      test('a route of IPv4 by a gateway of IPv6 (RFC 5549) is told as it is', async () => {
        const index = await uplink();
        const route = reportedRoute('ipv4', index, { gateway: 'fe80::1', table: mainTable });
        world.addRoute([route]);
        await witness.heard();
        expect([...kernel.state.routes.values()].filter((one) => isDefault(one) && one.family === 'ipv4')).toEqual([
          route,
        ]);
      });

      test.each(bothFamilies)('routes that lead nowhere are told by their type (%s)', async (family) => {
        const route = reportedRoute(family, 1, {
          type: 'unreachable',
          gateway: null,
          linkIndex: family === 'ipv4' ? null : 1,
          scope: 'global',
        });
        world.addRoute([route]);
        await witness.heard();
        expect(routesIn(kernel.state, family)).toEqual([route]);
      });

      test('DISC-1: lost notifications are reported, and nothing is lost by them', async () => {
        const index = await uplink();
        world.overflow(() => {
          world.addRoute([reportedRoute('ipv6', index)]);
          world.removeAddress(index, address('ipv4'));
        });
        await witness.until((state) => routesIn(state, 'ipv6').length === 1 && addressesOf(state, index).length === 1);
        expect(problems.map(({ code }) => code)).toContain('netlink.overflow');
        world.addRule(reportedRule('ipv6'));
        await witness.until((state) => rulesOf(state, 'ipv6').length === 1);
      });

      test('DISC-1: a resync tells nothing where nothing differs', async () => {
        await uplink();
        witness.changes = [];
        await kernel.resync();
        expect(of(witness.changes, 'link')).toEqual([]);
        expect([
          ...of(witness.changes, 'route'),
          ...of(witness.changes, 'rule'),
          ...of(witness.changes, 'address'),
        ]).toEqual([]);
        expect(problems).toEqual([]);
      });

      test('a closed kernel hears nothing, does nothing and may be closed again', async () => {
        const second = await world.open();
        let count = 0;
        second.subscribe(() => (count += 1));
        await second.close();
        await second.close();
        world.addRule(reportedRule('ipv4', { protocol: 3 }));
        await kernel.settle();
        await second.settle();
        await second.resync();
        expect(await second.execute(addRule(wantedRule('ipv6')))).toMatchObject({ ok: false, code: 'kernel.vanished' });
        expect(count).toBe(0);
      });
    });
  });
}
