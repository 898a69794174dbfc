import { describe, expect, test } from 'vitest';
import { mainTable } from '../../src/model/kernel.ts';
import { done, ownProtocol } from '../../src/model/network.ts';
import type { Kernel } from '../../src/adapters/netlink/driver.ts';
import { bothFamilies, changesOf, type Stage } from './kernel-stage.ts';
import {
  addRule,
  deleteRoute,
  deleteRule,
  plans,
  replaceRoute,
  reportedRoute,
  reportedRule,
  routesIn,
  rulesOf,
  wantedRoute,
  wantedRule,
} from './kernel-world.ts';

/** Operations that succeed, and those that find their work done. */
export function describeWhatItDoes(stage: Stage): void {
  describe('What it does', () => {
    test.each(bothFamilies)(
      'ROUT-5: a route that was put in comes back in the state with our mark (%s)',
      async (family) => {
        const index = await stage.uplink();
        expect(await stage.kernel.execute(replaceRoute(wantedRoute(family, index)))).toEqual(done);
        const after = reportedRoute(family, index, { protocol: ownProtocol });
        expect(await stage.witness.heard()).toEqual([{ object: 'route', before: null, after }]);
        expect(await stage.kernel.execute(replaceRoute(wantedRoute(family, index)))).toEqual(done);
        expect(await stage.witness.heard()).toEqual([]);
        expect(await stage.kernel.execute(deleteRoute(after))).toEqual(done);
        expect(await stage.witness.heard()).toEqual([{ object: 'route', before: after, after: null }]);
      },
    );

    test.each(bothFamilies)('a route without a gateway, one on link, one without metric (%s)', async (family) => {
      const index = await stage.uplink();
      const { elsewhere, target, noMetric } = plans[family];
      const wanted = [
        wantedRoute(family, index, { gateway: null }),
        wantedRoute(family, index, { table: 151, gateway: elsewhere, isOnLink: true }),
        wantedRoute(family, index, { table: 152, destination: target, metric: 0 }),
      ];
      for (const route of wanted) expect(await stage.kernel.execute(replaceRoute(route))).toEqual(done);
      await stage.witness.heard();
      const own = { protocol: ownProtocol };
      expect(routesIn(stage.kernel.state, family)).toEqual([reportedRoute(family, index, { ...own, gateway: null })]);
      expect(routesIn(stage.kernel.state, family, 151)).toEqual([
        reportedRoute(family, index, { ...own, table: 151, gateway: elsewhere, isOnLink: true }),
      ]);
      expect(routesIn(stage.kernel.state, family, 152)).toEqual([
        reportedRoute(family, index, { ...own, table: 152, destination: target, metric: noMetric }),
      ]);
      for (const table of [150, 151, 152]) {
        for (const route of routesIn(stage.kernel.state, family, table)) {
          expect(await stage.kernel.execute(deleteRoute(route))).toEqual(done);
        }
      }
    });

    test.each(bothFamilies)(
      'ROUT-4: a route in a place that is taken replaces, without an instant of neither (%s)',
      async (family) => {
        const [first, second] = [await stage.uplink('wan0'), stage.world.addLink('wan1')];
        stage.world.up(second);
        await stage.witness.until(({ links }) => links.get(second)?.hasCarrier === true);
        stage.world.addRule(
          reportedRule(family, { priority: 1004, table: mainTable, suppressPrefixLength: 0, protocol: 3 }),
        );
        stage.world.addRule(reportedRule(family, { protocol: 3 }));
        const ways = [
          wantedRoute(family, first),
          wantedRoute(family, first, { gateway: plans[family].otherGateway }),
          wantedRoute(family, second, { gateway: plans[family].elsewhere, isOnLink: true }),
          wantedRoute(family, second, { gateway: null }),
          wantedRoute(family, first),
        ];
        await stage.kernel.execute(replaceRoute(wantedRoute(family, first, { gateway: plans[family].otherGateway })));
        await stage.witness.heard();
        let gaps = 0;
        stage.kernel.subscribe(() => {
          if (routesIn(stage.kernel.state, family).length === 0) gaps += 1;
        });
        for (const wanted of ways) {
          stage.world.send(plans[family].far);
          expect(await stage.kernel.execute(replaceRoute(wanted))).toEqual(done);
          await stage.witness.heard();
          expect(routesIn(stage.kernel.state, family)).toMatchObject([
            { linkIndex: wanted.linkIndex, gateway: wanted.gateway },
          ]);
        }
        expect(gaps).toBe(0);
      },
    );

    test.each(bothFamilies)('ROUT-5: a route of someone else in the place is left alone (%s)', async (family) => {
      const index = await stage.uplink();
      const foreign = reportedRoute(family, index, { gateway: plans[family].otherGateway });
      stage.world.addRoute([foreign]);
      const result = await stage.kernel.execute(replaceRoute(wantedRoute(family, index)));
      expect(result).toMatchObject({ ok: false, retry: 'permanent', code: 'kernel.refused' });
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, family)).toEqual([foreign]);
    });

    test.each(bothFamilies)('two of ours in one place can be told apart, replaced and deleted (%s)', async (family) => {
      const index = await stage.uplink();
      const { gateway, otherGateway, nobody } = plans[family];
      const own = { protocol: ownProtocol };
      stage.world.addRoute([reportedRoute(family, index, { ...own, gateway })]);
      stage.world.addRoute([reportedRoute(family, index, { ...own, gateway: otherGateway })], 'append');
      await stage.witness.heard();
      const gateways = (): readonly (string | null)[] =>
        routesIn(stage.kernel.state, family).map((route) => route.gateway);
      expect(new Set(gateways())).toEqual(new Set([gateway, otherGateway]));
      // IPv6 has joined them to one route of two ways, IPv4 has one behind the other.
      expect(await stage.kernel.execute(replaceRoute(wantedRoute(family, index, { gateway: nobody })))).toEqual(done);
      await stage.witness.heard();
      expect(gateways()).toContain(nobody);
      for (const route of routesIn(stage.kernel.state, family))
        expect(await stage.kernel.execute(deleteRoute(route))).toEqual(done);
      await stage.witness.heard();
      expect(gateways()).toEqual([]);
    });

    test.each(bothFamilies)('what is gone already is satisfied to be deleted (%s)', async (family) => {
      const index = await stage.uplink();
      const route = reportedRoute(family, index, { protocol: ownProtocol });
      const satisfied = { ok: false, retry: 'satisfied' };
      expect(await stage.kernel.execute(deleteRoute(route))).toMatchObject(satisfied);
      expect(await stage.kernel.execute(deleteRoute({ ...route, table: 199 }))).toMatchObject(satisfied);
      expect(await stage.kernel.execute(deleteRule(reportedRule(family)))).toMatchObject(satisfied);
      expect(await stage.witness.heard()).toEqual([]);
    });

    test('a route of IPv4 without metric that is gone takes none with a metric along', async () => {
      const index = await stage.uplink();
      await stage.kernel.execute(replaceRoute(wantedRoute('ipv4', index)));
      const gone = reportedRoute('ipv4', index, { metric: 0, protocol: ownProtocol });
      expect(await stage.kernel.execute(deleteRoute(gone))).toMatchObject({ ok: false, retry: 'satisfied' });
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, 'ipv4')).toHaveLength(1);
    });

    test.each(bothFamilies)('a rule comes back as it was wanted, twice is once, and it goes (%s)', async (family) => {
      await stage.uplink();
      const from = `${plans[family].own}/${plans[family].hostLength}`;
      const all = [
        { from },
        { priority: 1006, outputInterface: 'wan0' },
        { priority: 1007, table: mainTable, suppressPrefixLength: 0 },
      ];
      for (const more of all) {
        expect(await stage.kernel.execute(addRule(wantedRule(family, more)))).toEqual(done);
        const rule = reportedRule(family, more);
        expect(await stage.witness.heard()).toEqual([{ object: 'rule', before: null, after: rule }]);
        expect(await stage.kernel.execute(addRule(wantedRule(family, more)))).toMatchObject({
          ok: false,
          retry: 'satisfied',
        });
        expect(await stage.witness.heard()).toEqual([]);
      }
      for (const more of all) expect(await stage.kernel.execute(deleteRule(reportedRule(family, more)))).toEqual(done);
      expect(changesOf(await stage.witness.heard(), 'rule')).toHaveLength(3);
    });

    test.each(bothFamilies)('ROUT-5: a rule of someone else is not deleted for ours (%s)', async (family) => {
      stage.world.addRule(reportedRule(family, { protocol: 3 }));
      expect((await stage.kernel.execute(deleteRule(reportedRule(family)))).ok).toBe(false);
      await stage.kernel.execute(addRule(wantedRule(family)));
      const result = await stage.kernel.execute(deleteRule(reportedRule(family)));
      await stage.witness.heard();
      expect(rulesOf(stage.kernel.state, family)).toContainEqual(reportedRule(family, { protocol: 3 }));
      expect(rulesOf(stage.kernel.state, family)).toHaveLength(result.ok ? 1 : 2);
    });

    test('the families stand beside each other: the same table and priority in one is nothing to the other', async () => {
      const index = await stage.uplink();
      for (const family of bothFamilies) {
        await stage.kernel.execute(replaceRoute(wantedRoute(family, index)));
        await stage.kernel.execute(addRule(wantedRule(family)));
      }
      await stage.kernel.execute(deleteRoute(reportedRoute('ipv4', index, { protocol: ownProtocol })));
      await stage.kernel.execute(deleteRule(reportedRule('ipv6')));
      await stage.witness.heard();
      expect(bothFamilies.map((family) => routesIn(stage.kernel.state, family).length)).toEqual([0, 1]);
      expect(bothFamilies.map((family) => rulesOf(stage.kernel.state, family).length)).toEqual([1, 0]);
    });

    test('operations that are asked for at once are done in that order', async () => {
      const index = await stage.uplink();
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
      expect(await Promise.all(operations.map(async (one) => stage.kernel.execute(one)))).toEqual(
        operations.map(() => done),
      );
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, 'ipv4').map((route) => route.gateway)).toEqual([gateway]);
      expect(rulesOf(stage.kernel.state, 'ipv6')).toEqual([]);
    });
  });
}
