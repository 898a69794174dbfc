import { ownProtocol } from '../../../../src/model/network.ts';
import { routeKey, ruleKey } from '../../../../src/model/kernel.ts';
import { FakeKernel } from '../../../fakes/kernel/fake-kernel.ts';
import { describeRoutingContract, routingPlans, type RoutingWorld } from '../../../contract/routing.contract.ts';
import { fakeSettings, foreignRoute, memoryJournal, rulesOf } from '../support.ts';

function makeWorld(): RoutingWorld {
  const kernel = new FakeKernel();
  const links = new Map<string, number>();
  for (const { name, ipv4, ipv6 } of routingPlans) {
    const index = kernel.network.addLink({ name, isUp: true });
    links.set(name, index);
    kernel.addAddress(index, `${ipv4[0]}/24`);
    kernel.addAddress(index, `${ipv6[0]}/64`);
    kernel.setAnswering(index, ipv4[1], true);
    kernel.setAnswering(index, ipv6[1], true);
  }
  links.set('docker0', kernel.network.addLink({ name: 'docker0', kind: 'bridge', isUp: true }));
  const indexOf = (name: string): number => links.get(name) ?? 0;
  const nameOf = (index: number): string | null => kernel.network.links.get(index)?.name ?? null;
  kernel.addAddress(indexOf('docker0'), '172.17.0.1/16');
  const eth = { table: 254, linkIndex: indexOf('eth0'), scope: 'global' } as const;
  kernel.addRoute([foreignRoute({ ...eth, destination: '0.0.0.0/0', gateway: '192.0.2.1' })]);
  kernel.addRoute([
    foreignRoute({ ...eth, family: 'ipv6', metric: 1024, destination: '::/0', gateway: '2001:db8:e::1' }),
  ]);
  const journal = memoryJournal();
  const settings = fakeSettings(kernel);
  return {
    open: async () => Promise.resolve({ kernel, settings, journal }),
    close: async () => Promise.resolve(),
    wayOut: ({ oif, ...flow }) => {
      const way = kernel.lookup({ ...flow, oif: oif === undefined ? undefined : indexOf(oif) });
      return way === null ? null : nameOf(way.linkIndex);
    },
    indexOf,
    unplug: (name) => kernel.unplug(indexOf(name)),
    plug: (name) => kernel.plug(indexOf(name)),
    foreign: () =>
      [
        ...kernel.network.fib.routes
          .flat()
          .filter(({ protocol }) => protocol !== ownProtocol)
          .map(routeKey),
        ...rulesOf(kernel)
          .filter(({ protocol }) => protocol !== ownProtocol)
          .map(ruleKey),
      ].toSorted(),
    setting: (setting) => settings.read({ ...setting, linkIndex: indexOf(setting.interface) }) ?? '',
    setSetting: (setting, value) => kernel.setSetting({ ...setting, linkIndex: indexOf(setting.interface) }, value),
    removeOwnRules: () => {
      for (const rule of rulesOf(kernel)) if (rule.protocol === ownProtocol) kernel.removeRule(rule);
    },
    occupyTable: (table) => {
      kernel.addRoute([foreignRoute({ table, destination: '203.0.113.0/24', linkIndex: indexOf('docker0') })]);
    },
    dispose: async () => Promise.resolve(),
  };
}

describeRoutingContract('the fake kernel', async () => Promise.resolve(makeWorld()));
