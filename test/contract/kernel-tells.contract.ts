import { describe, expect, test } from 'vitest';
import { mainTable } from '../../src/model/kernel.ts';
import { bothFamilies, changesOf, type Stage } from './kernel-stage.ts';
import {
  address,
  addressesOf,
  contentOf,
  plans,
  replaceRoute,
  reportedRoute,
  reportedRule,
  routesIn,
  rulesOf,
  wantedRoute,
} from './kernel-world.ts';

/** State and changes: everything, once, in order. */
export function describeWhatItTells(stage: Stage): void {
  describe('What it tells', () => {
    test('DISC-1: everything that is there is in the state when it opens', async () => {
      const index = await stage.uplink();
      stage.world.addRule(reportedRule('ipv4'));
      const second = await stage.world.open();
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
      const index = stage.world.addLink('wan0');
      expect(
        changesOf(await stage.witness.heard(), 'link').filter(({ after }) => after?.index === index),
      ).toMatchObject([
        { before: null, after: { index, name: 'wan0', isUp: false, hasCarrier: false, isLoopback: false } },
      ]);
      stage.world.up(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === true);
      const ups = changesOf(await stage.witness.heard(), 'link').filter(({ after }) => after?.index === index);
      expect(ups.filter(({ before, after }) => before?.isUp === false && after?.isUp === true)).toHaveLength(1);
      expect(ups.at(-1)?.after).toMatchObject({ isUp: true, hasCarrier: true });
      stage.world.rename(index, 'lan0');
      expect(
        changesOf(await stage.witness.heard(), 'link').filter(({ after }) => after?.index === index),
      ).toMatchObject([{ before: { name: 'wan0' }, after: { index, name: 'lan0', isUp: true } }]);
      stage.world.remove(index);
      const gone = changesOf(await stage.witness.heard(), 'link').filter(
        ({ after, before }) => before?.index === index && !after,
      );
      expect(gone).toHaveLength(1);
    });

    test('a renamed link keeps its index, its addresses and its routes', async () => {
      const index = await stage.uplink();
      const before = contentOf(stage.kernel.state).size;
      stage.world.rename(index, 'lan0');
      await stage.witness.heard();
      expect(stage.kernel.state.links.get(index)?.name).toBe('lan0');
      expect(contentOf(stage.kernel.state).size).toBe(before);
    });

    test('a name that goes from one link to another takes nothing along', async () => {
      const first = await stage.uplink('wan0');
      stage.world.rename(first, 'lan0');
      const second = stage.world.addLink('wan0');
      stage.world.up(second);
      await stage.witness.heard();
      const indexes = routesIn(stage.kernel.state, 'ipv4', mainTable).map(({ linkIndex }) => linkIndex);
      expect([stage.kernel.state.links.get(first)?.name, stage.kernel.state.links.get(second)?.name]).toEqual([
        'lan0',
        'wan0',
      ]);
      expect(indexes).toEqual([first]);
    });

    test('a cable that is pulled takes the carrier and leaves addresses and routes', async () => {
      const index = await stage.uplink();
      for (const family of bothFamilies) await stage.kernel.execute(replaceRoute(wantedRoute(family, index)));
      await stage.witness.heard();
      stage.world.unplug(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === false);
      expect(changesOf(await stage.witness.heard(), 'link')).toMatchObject([
        { before: { hasCarrier: true }, after: { isUp: true, hasCarrier: false } },
      ]);
      for (const family of bothFamilies) expect(routesIn(stage.kernel.state, family)).toHaveLength(1);
      expect(addressesOf(stage.kernel.state, index)).toHaveLength(2);
      stage.world.plug(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === true);
    });

    test('a cable pulled from a link like a NIC is told, if late', async () => {
      const index = stage.world.addLink('nic0', { isLikeNic: true });
      stage.world.up(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === true);
      stage.world.unplug(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === false);
      expect(stage.kernel.state.links.get(index)).toMatchObject({ isUp: true, lowerIndex: index });
    });

    test.each(bothFamilies)('an address comes and goes with the route of its network (%s)', async (family) => {
      const index = stage.world.addLink('wan0');
      stage.world.up(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === true);
      await stage.witness.heard();
      stage.world.addAddress(index, address(family));
      await stage.witness.until((state) => addressesOf(state, index).some(({ isTentative }) => !isTentative));
      await stage.witness.heard();
      expect(addressesOf(stage.kernel.state, index)).toMatchObject([
        { family, address: plans[family].own, prefixLength: plans[family].length, peer: null, isDeprecated: false },
      ]);
      const networks = (): readonly string[] =>
        routesIn(stage.kernel.state, family, mainTable)
          .filter(({ linkIndex, gateway, protocol }) => linkIndex === index && gateway === null && protocol === 2)
          .map(({ destination }) => destination);
      expect(networks()).toContain(plans[family].network);
      stage.world.removeAddress(index, address(family));
      const gone = changesOf(await stage.witness.heard(), 'address');
      expect(gone).toMatchObject([{ before: { address: plans[family].own }, after: null }]);
      expect(networks()).not.toContain(plans[family].network);
    });

    test.each(bothFamilies)('a route of someone else comes and goes, each told once (%s)', async (family) => {
      const index = await stage.uplink();
      const route = reportedRoute(family, index);
      stage.world.addRoute([route]);
      expect(await stage.witness.heard()).toEqual([{ object: 'route', before: null, after: route }]);
      stage.world.removeRoute([route]);
      expect(await stage.witness.heard()).toEqual([{ object: 'route', before: route, after: null }]);
    });

    test.each(bothFamilies)('a rule of someone else comes and goes, each told once (%s)', async (family) => {
      const from = `${plans[family].own}/${plans[family].hostLength}`;
      const rule = reportedRule(family, { from, protocol: 3, mark: 16, mask: 0xff, inputInterface: 'lo' });
      stage.world.addRule(rule);
      expect(await stage.witness.heard()).toEqual([{ object: 'rule', before: null, after: rule }]);
      stage.world.removeRule(rule);
      expect(await stage.witness.heard()).toEqual([{ object: 'rule', before: rule, after: null }]);
    });

    test('a listener that throws hurts nobody, and one that has ended hears nothing', async () => {
      let [count, ended] = [0, 0];
      stage.kernel.subscribe(() => {
        throw new Error('thrown by a listener');
      });
      stage.kernel.subscribe(() => (count += 1));
      const end = stage.kernel.subscribe(() => (ended += 1));
      end();
      end();
      stage.world.addRule(reportedRule('ipv4'));
      await stage.kernel.settle();
      expect(count).toBe(1);
      expect(ended).toBe(0);
      expect(stage.defects).toEqual([new Error('thrown by a listener')]);
    });

    test('the state holds a change before any listener hears of it', async () => {
      let seen: boolean | undefined;
      stage.kernel.subscribe(() => {
        seen = rulesOf(stage.kernel.state, 'ipv6').length === 1;
      });
      stage.world.addRule(reportedRule('ipv6'));
      await stage.kernel.settle();
      expect(seen).toBe(true);
    });

    test('it counts the packets of a link', async () => {
      const index = await stage.uplink();
      expect(stage.kernel.counters(index)?.sentPackets).toBeTypeOf('number');
      expect(stage.kernel.counters(99_999)).toBeNull();
    });
  });
}
