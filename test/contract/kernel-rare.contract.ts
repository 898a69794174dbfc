import { describe, expect, test } from 'vitest';
import { isDefault, mainTable } from '../../src/model/kernel.ts';
import { done } from '../../src/model/network.ts';
import { bothFamilies, changesOf, type Stage } from './kernel-stage.ts';
import {
  address,
  addressesOf,
  addRule,
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

/** Odd names, odd routes, overflow, and the end. */
export function describeWhatIsRare(stage: Stage): void {
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
      const index = await stage.uplink(name);
      expect(stage.kernel.state.links.get(index)?.name).toBe(name);
      for (const family of bothFamilies) {
        expect(await stage.kernel.execute(replaceRoute(wantedRoute(family, index)))).toEqual(done);
        expect(await stage.kernel.execute(addRule(wantedRule(family, { outputInterface: name })))).toEqual(done);
        await stage.witness.heard();
        expect(routesIn(stage.kernel.state, family)).toMatchObject([{ linkIndex: index }]);
        expect(rulesOf(stage.kernel.state, family)).toEqual([reportedRule(family, { outputInterface: name })]);
        expect(await stage.kernel.execute(deleteRule(reportedRule(family, { outputInterface: name })))).toEqual(done);
      }
    });

    test.each(bothFamilies)('a route of several ways is told as one route for each (%s)', async (family) => {
      const [index, other] = [await stage.uplink('wan0'), stage.world.addLink('wan1')];
      stage.world.up(other);
      await stage.witness.until(({ links }) => links.get(other)?.hasCarrier === true);
      await stage.witness.heard();
      const { gateway, otherGateway, elsewhere } = plans[family];
      const hops = [
        reportedRoute(family, index, { gateway }),
        reportedRoute(family, index, { gateway: otherGateway }),
        reportedRoute(family, other, { gateway: elsewhere, isOnLink: true }),
      ];
      stage.world.addRoute(hops);
      expect(changesOf(await stage.witness.heard(), 'route').map(({ after }) => after?.gateway)).toEqual(
        hops.map((hop) => hop.gateway),
      );
      stage.world.down(other);
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, family).map((hop) => hop.gateway)).toEqual([gateway, otherGateway]);
      stage.world.down(index);
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, family)).toEqual([]);
    });

    test('DISC-1: a way of several is dead while its link has no IPv4 address, also in a dump, and then it is back', async () => {
      const [index, other] = [await stage.uplink('wan0'), stage.world.addLink('wan1')];
      stage.world.up(other);
      await stage.witness.until(({ links }) => links.get(other)?.hasCarrier === true);
      const { gateway, elsewhere } = plans.ipv4;
      const hops = [
        reportedRoute('ipv4', index, { gateway }),
        reportedRoute('ipv4', other, { gateway: elsewhere, isOnLink: true }),
      ];
      stage.world.addRoute(hops);
      await stage.witness.until((state) => routesIn(state, 'ipv4').length === 2);
      stage.world.removeAddress(index, address('ipv4'));
      await stage.witness.until((state) => routesIn(state, 'ipv4').length === 1);
      await stage.kernel.resync();
      expect(routesIn(stage.kernel.state, 'ipv4')).toEqual(hops.slice(1));
      const late = await stage.world.open();
      expect(routesIn(late.state, 'ipv4')).toEqual(hops.slice(1));
      stage.world.addAddress(index, address('ipv4'));
      await stage.witness.until((state) => routesIn(state, 'ipv4').length === 2);
      await late.settle();
      expect(routesIn(late.state, 'ipv4')).toHaveLength(2);
      await late.close();
    });

    test('a route of IPv4 by a gateway of IPv6 (RFC 5549) is told as it is', async () => {
      const index = await stage.uplink();
      const route = reportedRoute('ipv4', index, { gateway: 'fe80::1', table: mainTable });
      stage.world.addRoute([route]);
      await stage.witness.heard();
      expect([...stage.kernel.state.routes.values()].filter((one) => isDefault(one) && one.family === 'ipv4')).toEqual([
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
      stage.world.addRoute([route]);
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, family)).toEqual([route]);
    });

    test('DISC-1: lost notifications are reported, and nothing is lost by them', async () => {
      const index = await stage.uplink();
      stage.world.overflow(() => {
        stage.world.addRoute([reportedRoute('ipv6', index)]);
        stage.world.removeAddress(index, address('ipv4'));
      });
      await stage.witness.until(
        (state) => routesIn(state, 'ipv6').length === 1 && addressesOf(state, index).length === 1,
      );
      expect(stage.problems.map(({ code }) => code)).toContain('netlink.overflow');
      stage.world.addRule(reportedRule('ipv6'));
      await stage.witness.until((state) => rulesOf(state, 'ipv6').length === 1);
    });

    test('DISC-1: a resync tells nothing where nothing differs', async () => {
      await stage.uplink();
      stage.witness.changes = [];
      await stage.kernel.resync();
      expect(changesOf(stage.witness.changes, 'link')).toEqual([]);
      expect([
        ...changesOf(stage.witness.changes, 'route'),
        ...changesOf(stage.witness.changes, 'rule'),
        ...changesOf(stage.witness.changes, 'address'),
      ]).toEqual([]);
      expect(stage.problems).toEqual([]);
    });

    test('a closed kernel hears nothing, does nothing and may be closed again', async () => {
      const second = await stage.world.open();
      let count = 0;
      second.subscribe(() => (count += 1));
      await second.close();
      await second.close();
      stage.world.addRule(reportedRule('ipv4', { protocol: 3 }));
      await stage.kernel.settle();
      await second.settle();
      await second.resync();
      expect(await second.execute(addRule(wantedRule('ipv6')))).toMatchObject({ ok: false, code: 'kernel.vanished' });
      expect(count).toBe(0);
    });
  });
}
