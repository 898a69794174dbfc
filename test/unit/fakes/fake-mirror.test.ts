import { assert, asyncProperty, boolean, commands, constantFrom, integer, record, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { families, type Family } from '../../../src/model/family.ts';
import {
  contentOf,
  plans,
  replaceRoute,
  reportedRoute,
  reportedRule,
  wantedRoute,
} from '../../contract/kernel-world.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';

const deeds = [
  'setUp',
  'setDown',
  'plug',
  'unplug',
  'addAddress',
  'removeAddress',
  'addRoute',
  'addMultipath',
  'appendRoute',
  'removeRoute',
  'addRule',
  'removeRule',
  'replace',
  'removeLink',
  'overflow',
  'settle',
] as const;

interface Deed {
  readonly what: (typeof deeds)[number];
  readonly link: number;
  readonly family: Family;
  readonly metric: number;
  readonly isOther: boolean;
}

const deed: Arbitrary<Deed> = record({
  what: constantFrom(...deeds),
  link: integer({ min: 2, max: 3 }),
  family: constantFrom(...families),
  metric: integer({ min: 1, max: 2 }),
  isOther: boolean(),
});

async function carryOut(kernel: FakeKernel, { what, link, family, metric, isOther }: Deed): Promise<void> {
  const plan = plans[family];
  const gateway = isOther ? plan.otherGateway : plan.gateway;
  const address = `${isOther ? plan.nobody : plan.own}/${plan.length}`;
  const route = reportedRoute(family, link, { metric, gateway, isOnLink: isOther });
  const doing: Readonly<Record<Deed['what'], () => unknown>> = {
    setUp: () => kernel.setUp(link),
    setDown: () => kernel.setDown(link),
    plug: () => kernel.plug(link),
    unplug: () => kernel.unplug(link),
    addAddress: () => kernel.addAddress(link, address),
    removeAddress: () => kernel.removeAddress(link, address),
    addRoute: () => kernel.addRoute([route]),
    addMultipath: () => kernel.addRoute([route, { ...route, linkIndex: 5 - link, isOnLink: true }]),
    appendRoute: () => kernel.addRoute([route], 'append'),
    removeRoute: () => kernel.removeRoute(route),
    addRule: () => kernel.addRule(reportedRule(family, { priority: metric })),
    removeRule: () => kernel.removeRule(reportedRule(family, { priority: metric })),
    replace: () => kernel.execute(replaceRoute(wantedRoute(family, link, { metric, gateway }))),
    removeLink: () => {
      kernel.removeLink(link);
      kernel.network.addLink({ name: `eth${link}`, index: link, isUp: isOther });
    },
    overflow: () => kernel.overflow(),
    settle: () => kernel.settle(),
  };
  await doing[what]();
}

test('whatever happens, what was told is what is true, though the kernel does much in silence', async () => {
  const happening = commands(
    [
      deed.map((one) => ({
        check: () => true,
        run: async (_model: object, kernel: FakeKernel) => carryOut(kernel, one),
        toString: () => JSON.stringify(one),
      })),
    ],
    { maxCommands: 60 },
  );
  await assert(
    asyncProperty(happening, async (all) => {
      const kernel = new FakeKernel();
      for (const index of [2, 3]) {
        kernel.network.addLink({ name: `eth${index}`, index, isUp: true });
        for (const family of families) kernel.addAddress(index, `${plans[family].own}/${plans[family].length}`);
        // One that stays: ways of multipath routes that come back with a link's first IPv4 address are told by a resync.
        kernel.addAddress(index, `198.51.100.${index}/24`);
      }
      for (const one of all) {
        await one.run({}, kernel);
      }
      await kernel.settle();
      expect(Object.fromEntries(contentOf(kernel.state))).toEqual(Object.fromEntries(contentOf(kernel.truth())));
    }),
    { numRuns: 300 },
  );
});
