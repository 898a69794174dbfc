import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KernelChange } from '../../../src/model/kernel.ts';
import { ownProtocol } from '../../../src/model/network.ts';
import { RoutingIndex } from '../../../src/effects/network/observe.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';
import { foreignRoute, foreignRule, routing } from '../../unit/effects/support.ts';

test('the index that follows changes equals the one made from the whole state', async () => {
  const step = fc.record({
    what: fc.constantFrom('route', 'rule'),
    isAdded: fc.boolean(),
    protocol: fc.constantFrom(4, ownProtocol),
    table: fc.constantFrom(99, 100, 200, 254),
    metric: fc.nat(2),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const kernel = new FakeKernel();
      const index = new RoutingIndex(kernel.state, routing);
      kernel.subscribe((changes: readonly KernelChange[]) => {
        for (const change of changes) index.apply(change);
      });
      for (const { what, isAdded, protocol, table, metric } of steps) {
        const route = foreignRoute({ table, protocol, metric, destination: '198.51.100.0/24' });
        const rule = foreignRule({ table, protocol, priority: 100 + metric });
        if (what === 'route' && isAdded) kernel.addRoute([route]);
        else if (what === 'route') kernel.removeRoute(route);
        else if (isAdded) kernel.addRule(rule);
        else kernel.removeRule(rule);
      }
      await kernel.settle();
      const whole = new RoutingIndex(kernel.state, routing);
      for (const part of ['ownRoutes', 'foreignRoutes', 'ownRules', 'foreignRules'] as const) {
        expect([...index[part].keys()].toSorted()).toEqual([...whole[part].keys()].toSorted());
      }
    }),
    { numRuns: 100 },
  );
});
