import { describe, expect, test } from 'vitest';
import { mainTable } from '../../src/model/kernel.ts';
import { done } from '../../src/model/network.ts';
import { bothFamilies, type Stage } from './kernel-stage.ts';
import {
  address,
  addressesOf,
  addRule,
  plans,
  replaceRoute,
  reportedRoute,
  resolveNeighbour,
  routesIn,
  rulesOf,
  wantedRoute,
  wantedRule,
} from './kernel-world.ts';

/** What the kernel changes without telling, and the state shows all the same. */
export function describeWhatIsSilent(stage: Stage): void {
  describe('What the kernel does in silence', () => {
    test('a link that is set down loses its routes in every table', async () => {
      const index = await stage.uplink();
      for (const family of bothFamilies) {
        for (const table of [mainTable, 150, 151]) stage.world.addRoute([reportedRoute(family, index, { table })]);
      }
      await stage.witness.heard();
      stage.world.down(index);
      await stage.witness.until(({ routes }) => ![...routes.values()].some((route) => route.linkIndex === index));
      await stage.witness.heard();
      expect(addressesOf(stage.kernel.state, index).map(({ family }) => family)).toEqual(['ipv4']);
      stage.world.up(index);
      await stage.witness.until(({ links }) => links.get(index)?.hasCarrier === true);
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, 'ipv4', mainTable).some((route) => route.linkIndex === index)).toBe(true);
    });

    test('the last IPv4 address of a link takes the IPv4 routes of all tables along', async () => {
      const index = await stage.uplink();
      for (const family of bothFamilies) stage.world.addRoute([reportedRoute(family, index)]);
      await stage.witness.heard();
      stage.world.removeAddress(index, address('ipv4'));
      await stage.witness.until((state) => routesIn(state, 'ipv4').length === 0);
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, 'ipv6')).toHaveLength(1);
    });

    test('a deleted link takes addresses, routes and neighbours along, and leaves the rules', async () => {
      const index = await stage.uplink();
      for (const family of bothFamilies) {
        await stage.kernel.execute(replaceRoute(wantedRoute(family, index)));
        await stage.kernel.execute(addRule(wantedRule(family, { outputInterface: 'wan0' })));
        await stage.kernel.execute(resolveNeighbour(family, index, plans[family].gateway));
      }
      stage.world.remove(index);
      await stage.witness.heard();
      const { links, addresses, routes, neighbours } = stage.kernel.state;
      expect(links.has(index)).toBe(false);
      for (const map of [addresses, routes, neighbours]) {
        expect([...map.values()].filter((one) => one.linkIndex === index)).toEqual([]);
      }
      for (const family of bothFamilies) expect(rulesOf(stage.kernel.state, family)).toHaveLength(1);
    });

    test('a link of the same name that comes after is another one', async () => {
      const first = await stage.uplink();
      stage.world.remove(first);
      const second = await stage.uplink();
      expect(second).not.toBe(first);
      expect(await stage.kernel.execute(replaceRoute(wantedRoute('ipv4', second)))).toEqual(done);
      expect((await stage.kernel.execute(replaceRoute(wantedRoute('ipv4', first)))).ok).toBe(false);
      await stage.witness.heard();
      expect(routesIn(stage.kernel.state, 'ipv4').map(({ linkIndex }) => linkIndex)).toEqual([second]);
    });
  });
}
