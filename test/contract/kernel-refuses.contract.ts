import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/model/family.ts';
import { done } from '../../src/model/network.ts';
import { bothFamilies, type Stage } from './kernel-stage.ts';
import { plans, replaceRoute, reportedRoute, reportedRule, resolveNeighbour, wantedRoute } from './kernel-world.ts';

/** Operations that cannot succeed, and those whose outcome is a change. */
export function describeWhatItRefuses(stage: Stage): void {
  describe('What it refuses, and neighbours', () => {
    test.each(bothFamilies)(
      'a gateway that no network of the link covers is refused, and may be tried again (%s)',
      async (family) => {
        const index = await stage.uplink();
        const result = await stage.kernel.execute(
          replaceRoute(wantedRoute(family, index, { gateway: plans[family].elsewhere })),
        );
        expect(result).toMatchObject({ ok: false, retry: 'retryable', code: 'kernel.refused' });
      },
    );

    test('a gateway of IPv6 is looked for by the rules: a default that comes before the route of its network hides it', async () => {
      const index = await stage.uplink();
      for (const family of bothFamilies) {
        stage.world.addRule(reportedRule(family));
        stage.world.addRoute([reportedRoute(family, index, { gateway: plans[family].otherGateway })]);
      }
      const wanted = (family: Family): ReturnType<typeof replaceRoute> =>
        replaceRoute(wantedRoute(family, index, { table: 151 }));
      expect(await stage.kernel.execute(wanted('ipv4'))).toEqual(done);
      expect(await stage.kernel.execute(wanted('ipv6'))).toMatchObject({ ok: false, retry: 'retryable' });
      const { network: destination } = plans.ipv6;
      stage.world.addRoute([reportedRoute('ipv6', index, { destination, gateway: null })]);
      expect(await stage.kernel.execute(wanted('ipv6'))).toEqual(done);
    });

    test.each(bothFamilies)(
      'a link that is down or gone refuses routes, and may be tried again (%s)',
      async (family) => {
        const index = await stage.uplink();
        stage.world.down(index);
        const wanted = replaceRoute(wantedRoute(family, index, { gateway: null }));
        expect(await stage.kernel.execute(wanted)).toMatchObject({ ok: false, retry: 'retryable' });
        stage.world.remove(index);
        expect(await stage.kernel.execute(wanted)).toMatchObject({ ok: false, retry: 'retryable' });
        expect(await stage.kernel.execute(resolveNeighbour(family, index, plans[family].gateway))).toMatchObject({
          ok: false,
        });
      },
    );

    test.each(['', 'default', '192.0.2.1; reboot', 'fe80::1%wan0', '192.0.2.1 dev lo', '1.2.3'])(
      'SECU-4: %j is no gateway: refused for good, and nothing is done',
      async (gateway) => {
        const index = await stage.uplink();
        const result = await stage.kernel.execute(replaceRoute(wantedRoute('ipv4', index, { gateway })));
        expect(result).toMatchObject({ ok: false, retry: 'permanent' });
        expect(await stage.witness.heard()).toEqual([]);
      },
    );

    test.each(bothFamilies)('ROUT-4: a neighbour that answers becomes reachable (%s)', async (family) => {
      const index = await stage.uplink();
      stage.world.setAnswering(index, plans[family].gateway, true);
      expect(await stage.kernel.execute(resolveNeighbour(family, index, plans[family].gateway))).toEqual(done);
      await stage.witness.until(
        ({ neighbours }) => neighbours.get(`${index} ${plans[family].gateway}`)?.state === 'reachable',
      );
      expect(stage.kernel.state.neighbours.get(`${index} ${plans[family].gateway}`)?.macAddress).toMatch(
        /^\w\w(:\w\w){5}$/u,
      );
    });

    test.each(bothFamilies)('a neighbour that does not answer ends as failed (%s)', async (family) => {
      const index = await stage.uplink();
      expect(await stage.kernel.execute(resolveNeighbour(family, index, plans[family].nobody))).toEqual(done);
      await stage.witness.until(
        ({ neighbours }) => neighbours.get(`${index} ${plans[family].nobody}`)?.state === 'failed',
      );
    });
  });
}
