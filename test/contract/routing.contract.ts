/**
 * What the effects do to a network, as scenarios that hold for any kernel: the fake one and the real one.
 *
 * The world has three uplinks. `eth0` (192.0.2.2/24) has 192.0.2.1 as its gateway. `usb0` (192.168.42.2/24) and `usb1`
 * (192.168.42.3/24) are two phones with the same subnet and the same gateway, 192.168.42.129. All have IPv6, too.
 * main has a default by eth0, and a container lives behind the bridge `docker0` (172.17.0.0/16).
 */
import { asyncScheduler } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RoutingConfig } from '../../src/model/config.ts';
import { defaultConfig } from '../../src/model/config.ts';
import { families, type Family } from '../../src/model/family.ts';
import { ownProtocol, type NetworkIntent, type Setting, type UplinkIntent } from '../../src/model/network.ts';
import { adoptedIncumbents } from '../../src/effects/network/adopt.ts';
import type { Ports } from '../../src/effects/network/execute.ts';
import { Reconciler, type ReconcilerReport } from '../../src/effects/network/reconciler.ts';

export interface RoutingFlow {
  readonly family: Family;
  readonly destination: string;
  readonly from?: string;
  /** The name of the link its socket is bound to. */
  readonly oif?: string;
}

export interface RoutingWorld {
  /** Opens the ports anew, as a process that starts does. */
  open(): Promise<Ports>;
  close(ports: Ports): Promise<void>;
  /** The name of the link a packet leaves by; null where it cannot leave. */
  wayOut(flow: RoutingFlow): string | null;
  indexOf(name: string): number;
  unplug(name: string): void;
  plug(name: string): void;
  /** Everything that is not backhauld's: routes and rules, in a form that can be compared. */
  foreign(): readonly string[];
  setting(setting: Omit<Setting, 'linkIndex'>): string;
  setSetting(setting: Omit<Setting, 'linkIndex'>, value: string): void;
  /** Removes all of backhauld's rules, as another daemon may do. */
  removeOwnRules(): void;
  /** Someone else puts a default into a table. */
  occupyTable(table: number): void;
  dispose(): Promise<void>;
}

const internet = { ipv4: '198.18.0.1', ipv6: '2001:db8:ffff::1' } as const;

const plans = [
  { name: 'eth0', ipv4: ['192.0.2.2', '192.0.2.1'], ipv6: ['2001:db8:e::2', '2001:db8:e::1'] },
  { name: 'usb0', ipv4: ['192.168.42.2', '192.168.42.129'], ipv6: ['2001:db8:a::2', 'fe80::a'] },
  { name: 'usb1', ipv4: ['192.168.42.3', '192.168.42.129'], ipv6: ['2001:db8:b::2', 'fe80::a'] },
] as const;
export { plans as routingPlans };

export function describeRoutingContract(name: string, makeWorld: () => Promise<RoutingWorld>): void {
  describe(`routing on ${name}`, () => {
    let world: RoutingWorld;
    let ports: Ports;
    const running: Reconciler[] = [];
    beforeEach(async () => {
      world = await makeWorld();
      ports = await world.open();
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map(async (one) => one.stop()));
      await world.close(ports);
      await world.dispose();
    });

    const reports: ReconcilerReport[] = [];
    const start = (config: Partial<RoutingConfig> = {}): Reconciler => {
      const routing = { ...defaultConfig.routing, ...config };
      const reconciler = new Reconciler({ ...ports, routing, scheduler: asyncScheduler });
      reports.length = 0;
      reconciler.reports.subscribe((report) => reports.push(report));
      running.push(reconciler);
      return reconciler;
    };
    const uplink = (name: string): UplinkIntent => {
      const plan = plans.find((one) => one.name === name) ?? plans[0];
      const path = (family: Family) => {
        const [address, gateway] = plan[family];
        return { addresses: [{ address, prefixLength: family === 'ipv4' ? 24 : 64, peer: null }], gateway };
      };
      return { index: world.indexOf(name), name, paths: { ipv4: path('ipv4'), ipv6: path('ipv6') } };
    };
    const ranked = (names: readonly string[], unreachable: readonly string[] = []): NetworkIntent => {
      const ranking = [
        ...names.map((one) => ({ index: world.indexOf(one), isReachable: true })),
        ...unreachable.map((one) => ({ index: world.indexOf(one), isReachable: false })),
      ];
      return { uplinks: [...names, ...unreachable].map(uplink), ranking: { ipv4: ranking, ipv6: ranking } };
    };
    const reach = async (reconciler: Reconciler, intent: NetworkIntent): Promise<void> => {
      reconciler.setIntent(intent);
      await reconciler.settled();
    };
    const everywhere = (flow: (family: Family) => RoutingFlow): readonly (string | null)[] =>
      families.map((family) => world.wayOut(flow(family)));
    const unbound = (): readonly (string | null)[] =>
      everywhere((family) => ({ family, destination: internet[family] }));
    const failures = (): readonly string[] =>
      reports.flatMap((report) => (report.type === 'operation.failed' ? [report.problem.message] : []));
    const own = (): number =>
      [...ports.kernel.state.routes.values(), ...ports.kernel.state.rules.values()].filter(
        ({ protocol }) => protocol === ownProtocol,
      ).length;

    test('ROUT-1: what is bound to an uplink, or comes from its address, leaves by it', async () => {
      const reconciler = start();
      await reach(reconciler, ranked(['eth0', 'usb0', 'usb1']));
      expect(failures()).toEqual([]);
      for (const plan of plans) {
        const both = [plan.name, plan.name];
        expect(everywhere((family) => ({ family, destination: internet[family], oif: plan.name }))).toEqual(both);
        expect(everywhere((family) => ({ family, destination: internet[family], from: plan[family][0] }))).toEqual(
          both,
        );
      }
    });

    test('ROUT-1: containers are reached, also from the address of an uplink', async () => {
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'eth0']));
      const container = { family: 'ipv4', destination: '172.17.0.5' } as const;
      expect(world.wayOut(container)).toBe('docker0');
      expect(world.wayOut({ ...container, from: '192.0.2.2' })).toBe('docker0');
    });

    test('ROUT-2: unbound traffic follows the ranking, through every change of it', async () => {
      const reconciler = start();
      for (const order of [
        ['usb0', 'eth0', 'usb1'],
        ['usb1', 'usb0', 'eth0'],
        ['eth0'],
        ['eth0', 'usb1'],
        ['usb1', 'eth0', 'usb0'],
      ]) {
        await reach(reconciler, ranked(order));
        expect(unbound()).toEqual([order[0], order[0]]);
        expect(reconciler.currentPlan()).toEqual([]);
      }
      expect(failures()).toEqual([]);
    });

    test('ROUT-2: of two phones with the same subnet and gateway, the active one is meant', async () => {
      const reconciler = start();
      const gateway = { family: 'ipv4', destination: '192.168.42.129' } as const;
      await reach(reconciler, ranked(['usb0', 'usb1', 'eth0']));
      expect(world.wayOut(gateway)).toBe('usb0');
      await reach(reconciler, ranked(['usb1', 'usb0', 'eth0']));
      expect(world.wayOut(gateway)).toBe('usb1');
      expect(world.wayOut({ ...gateway, from: '192.168.42.2' })).toBe('usb0');
    });

    test('ROUT-3: without a daemon, the kernel goes on with the next in the ranking when the carrier is lost', async () => {
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'eth0', 'usb1']));
      world.unplug('usb0');
      expect(unbound()).toEqual(['eth0', 'eth0']);
      world.unplug('eth0');
      expect(unbound()).toEqual(['usb1', 'usb1']);
    });

    test('ROUT-4: an uplink that failed is last at once, and is not used when its carrier is back', async () => {
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'eth0', 'usb1']));
      world.unplug('usb0');
      await reach(reconciler, ranked(['eth0', 'usb1'], ['usb0']));
      world.plug('usb0');
      expect(unbound()).toEqual(['eth0', 'eth0']);
    });

    test('ROUT-5: what others have stays as it was, and what they remove is put back', async () => {
      const before = world.foreign();
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'eth0']));
      expect(world.foreign()).toEqual(before);
      const count = own();
      world.removeOwnRules();
      await ports.kernel.settle();
      await reconciler.settled();
      await ports.kernel.settle();
      expect(own()).toBe(count);
      expect(unbound()).toEqual(['usb0', 'usb0']);
      expect(failures()).toEqual([]);
    });

    test('ROUT-5: a table that someone else begins to use is left to them, without a gap', async () => {
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'eth0']));
      const { ranked: table } = reconciler.tables;
      world.occupyTable(table ?? 0);
      const others = world.foreign();
      await ports.kernel.settle();
      await reconciler.settled();
      expect(reconciler.tables.ranked).not.toBe(table);
      expect(unbound()).toEqual(['usb0', 'usb0']);
      expect(world.foreign()).toEqual(others);
      expect(reconciler.problems.map(({ code }) => code)).toEqual(['routing.tableTaken']);
    });

    test('ROUT-7: a dry run shows the plan and changes nothing', async () => {
      const before = world.foreign();
      const reconciler = start({ execute: false });
      await reach(reconciler, ranked(['usb0', 'eth0']));
      expect(reconciler.currentPlan().length).toBeGreaterThan(10);
      expect(own()).toBe(0);
      expect(world.foreign()).toEqual(before);
      expect(unbound()).toEqual(['eth0', 'eth0']);
    });

    test('ROUT-7: monitor only keeps the tables and installs no rule', async () => {
      const reconciler = start({ monitorOnly: true });
      await reach(reconciler, ranked(['usb0', 'eth0']));
      await ports.kernel.settle();
      expect(own()).toBeGreaterThan(0);
      expect(unbound()).toEqual(['eth0', 'eth0']);
      expect(failures()).toEqual([]);
    });

    test('ROUT-8: the end gives the network back as it was found', async () => {
      const rpFilter = { interface: 'usb0', family: 'ipv4', key: 'rp_filter' } as const;
      world.setSetting(rpFilter, '1');
      const before = world.foreign();
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'eth0', 'usb1']));
      expect(world.setting(rpFilter)).toBe('2');
      expect(await reconciler.stop()).toEqual([]);
      await ports.kernel.settle();
      expect(own()).toBe(0);
      expect(world.foreign()).toEqual(before);
      expect(unbound()).toEqual(['eth0', 'eth0']);
      expect(world.setting(rpFilter)).toBe('1');
      expect(ports.journal.records.size).toBe(0);
    });

    test('ROUT-8: after a crash the ranking found names the incumbent, and is taken over as it is', async () => {
      await reach(start(), ranked(['usb1', 'eth0', 'usb0']));
      const journal = [...ports.journal.records.keys()];
      const again = await world.open();
      const incumbents = adoptedIncumbents(again.kernel.state, defaultConfig.routing);
      expect(incumbents).toEqual({ ipv4: world.indexOf('usb1'), ipv6: world.indexOf('usb1') });
      const second = new Reconciler({ ...again, routing: defaultConfig.routing, scheduler: asyncScheduler });
      second.reports.subscribe((report) => {
        reports.push(report);
      });
      reports.length = 0;
      await reach(second, ranked(['usb1', 'eth0', 'usb0']));
      const done = reports.flatMap((report) => (report.type === 'operation.executed' ? [report.operation.type] : []));
      expect(done.filter((type) => type !== 'neighbour.resolve')).toEqual([]);
      expect([...again.journal.records.keys()].toSorted()).toEqual(journal.toSorted());
      running.splice(0, 1, second);
      await second.stop();
      await world.close(again);
    });

    test('ROUT-10: settings are recorded before they are changed, and those of others are left', async () => {
      const strict = { interface: 'usb0', family: 'ipv4', key: 'rp_filter' } as const;
      const off = { interface: 'usb1', family: 'ipv4', key: 'rp_filter' } as const;
      world.setSetting(strict, '1');
      world.setSetting(off, '0');
      const reconciler = start();
      await reach(reconciler, ranked(['usb0', 'usb1']));
      expect(world.setting(strict)).toBe('2');
      expect(world.setting(off)).toBe('0');
      const records = [...ports.journal.records.values()];
      expect(records.find(({ key, interface: name }) => key === 'rp_filter' && name === 'usb0')).toMatchObject({
        before: '1',
        written: '2',
      });
      for (const key of ['arp_ignore', 'arp_announce'] as const) {
        expect(world.setting({ interface: 'usb0', family: 'ipv4', key })).toBe(key === 'arp_ignore' ? '1' : '2');
      }

      world.setSetting({ ...strict, key: 'arp_announce' }, '1');
      reconciler.refresh();
      await reconciler.settled();
      expect(reconciler.problems.map(({ code }) => code)).toEqual(['kernel.conflict']);
      await reconciler.stop();
      expect(world.setting({ ...strict, key: 'arp_announce' })).toBe('1');
      expect(world.setting({ ...strict, key: 'arp_ignore' })).toBe('0');
    });
  });
}
