import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RoutingConfig } from '../../../../src/model/config.ts';
import {
  noNetwork,
  type NetworkIntent,
  type OperationResult,
  type UplinkIntent,
} from '../../../../src/model/network.ts';
import { Reconciler, type ReconcilerReport } from '../../../../src/effects/network/reconciler.ts';
import type { SettingsJournal } from '../../../../src/effects/ports.ts';
import { FakeKernel } from '../../../fakes/kernel/fake-kernel.ts';
import { addUplink, fakeSettings, foreignRule, intentOf, memoryJournal, routing, rulesOf } from '../support.ts';

interface World {
  readonly kernel: FakeKernel;
  readonly settings: ReturnType<typeof fakeSettings>;
  readonly journal: SettingsJournal;
  readonly reconciler: Reconciler;
  readonly reports: ReconcilerReport[];
  readonly lan: UplinkIntent;
  readonly phone: UplinkIntent;
}

function makeWorld(config: Partial<RoutingConfig> = {}, kernel = new FakeKernel()): World {
  const lan = addUplink(kernel, { name: 'eth0', ipv4: { address: '192.0.2.2/24', gateway: '192.0.2.1' } });
  const phone = addUplink(kernel, { name: 'usb0', ipv4: { address: '192.168.42.2/24', gateway: '192.168.42.129' } });
  return { ...startOn(kernel, config), lan, phone };
}

function startOn(
  kernel: FakeKernel,
  config: Partial<RoutingConfig> = {},
  journal = memoryJournal(),
  scheduler: SchedulerLike = asyncScheduler,
) {
  const settings = fakeSettings(kernel);
  const options = { kernel, settings, journal, routing: { ...routing, ...config }, scheduler };
  const reconciler = new Reconciler(options);
  const reports: ReconcilerReport[] = [];
  reconciler.reports.subscribe((report) => reports.push(report));
  return { kernel, settings, journal, reconciler, reports };
}

async function reach({ reconciler }: Pick<World, 'reconciler'>, intent: NetworkIntent): Promise<void> {
  reconciler.setIntent(intent);
  await reconciler.settled();
}

const internet = { family: 'ipv4', destination: '8.8.8.8' } as const;
const way = ({ kernel }: Pick<World, 'kernel'>): number | undefined => kernel.lookup(internet)?.linkIndex;
const told = (reports: readonly ReconcilerReport[]): readonly string[] =>
  reports.flatMap((report) =>
    report.type === 'operation.failed'
      ? [`${report.problem.code}: ${report.object}`]
      : report.type === 'operation.recovered'
        ? [`recovered: ${report.object}`]
        : [],
  );
const ownObjects = ({ kernel }: Pick<World, 'kernel'>) =>
  [...kernel.network.fib.routes.flat(), ...rulesOf(kernel)].filter(({ protocol }) => protocol === 144);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the reconciler', () => {
  test('ROUT-2: makes the network what the intent says, and then rests', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan, world.phone]));
    expect(way(world)).toBe(world.lan.index);
    expect(world.reconciler.currentPlan()).toEqual([]);
    expect(told(world.reports)).toEqual([]);

    const { length } = world.kernel.executed;
    await reach(world, intentOf([world.lan, world.phone]));
    expect(world.kernel.executed).toHaveLength(length);
  });

  test('plans nothing before the first full dump of the kernel is in', async () => {
    const kernel = new FakeKernel();
    let dumped: () => void = () => undefined;
    const dump = new Promise<void>((resolve) => {
      dumped = resolve;
    });
    const settle = kernel.settle.bind(kernel);
    vi.spyOn(kernel, 'settle').mockImplementation(async () => dump.then(settle));
    const world = makeWorld({}, kernel);
    world.reconciler.setIntent(intentOf([world.lan]));
    await vi.advanceTimersByTimeAsync(1000);
    expect(kernel.executed).toEqual([]);
    expect(world.reconciler.currentPlan()).toEqual([]);
    dumped();
    await world.reconciler.settled();
    expect(way(world)).toBe(world.lan.index);
  });

  test('takes several intents of one tick as one: the last', async () => {
    const world = makeWorld();
    world.reconciler.setIntent(intentOf([world.phone]));
    await reach(world, intentOf([world.lan]));
    expect(JSON.stringify(world.kernel.executed)).not.toContain('192.168.42.129');
  });

  test('ROUT-4: a new intent ends the plan under way after the current operation', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan, world.phone]));
    const { length } = world.kernel.executed;
    world.reconciler.setIntent(intentOf([]));
    world.kernel.beforeNext('rule.delete', () => {
      world.reconciler.setIntent(intentOf([world.phone, world.lan]));
    });
    await world.reconciler.settled();
    const types = world.kernel.executed.slice(length).map(({ type }) => type);
    expect(types.filter((type) => type === 'rule.delete')).toHaveLength(1);
    expect(way(world)).toBe(world.phone.index);
  });

  test('ROUT-5: puts back at once what others remove', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan]));
    const own = ownObjects(world);
    for (const rule of rulesOf(world.kernel)) if (rule.protocol === 144) world.kernel.removeRule(rule);
    await world.kernel.settle();
    await world.reconciler.settled();
    expect(ownObjects(world)).toHaveLength(own.length);
  });

  test('ROUT-5: slows down, and says so, when something is removed again and again', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan]));
    let removals = 0;
    world.kernel.subscribe((changes) => {
      for (const { object, after } of changes) {
        if (object !== 'rule' || after?.priority !== 1100 || after.family !== 'ipv4') continue;
        removals += 1;
        world.kernel.removeRule(after);
      }
    });
    const first = rulesOf(world.kernel).find(({ priority, protocol }) => priority === 1100 && protocol === 144);
    if (first !== undefined) world.kernel.removeRule(first);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(removals).toBeGreaterThan(3);
    expect(removals).toBeLessThan(12);
    expect(told(world.reports)).toEqual(['routing.gaveUp: rule 1100: from all lookup 254 suppress_prefixlength 0']);
  });

  test('ROUT-7: a dry run plans and executes nothing, and its end takes nothing away', async () => {
    const world = makeWorld({ execute: false });
    await reach(world, intentOf([world.lan, world.phone]));
    expect(world.reconciler.currentPlan().map(({ type }) => type)).toContain('route.replace');
    await world.reconciler.stop();
    expect(world.kernel.executed).toEqual([]);
    expect(world.journal.records.size).toBe(0);
  });

  test('ROUT-7: monitor only keeps tables and installs no rule', async () => {
    const world = makeWorld({ monitorOnly: true });
    await reach(world, intentOf([world.lan, world.phone]));
    expect(ownObjects(world).length).toBeGreaterThan(0);
    expect(rulesOf(world.kernel).filter(({ protocol }) => protocol === 144)).toEqual([]);
    expect(way(world)).toBeUndefined();
  });

  test('ROUT-8: what fails for a moment is tried again, and its recovery is told', async () => {
    const world = makeWorld();
    world.kernel.failNext('route.replace', 'ENOBUFS');
    world.kernel.failNext('route.replace', 'ENOBUFS');
    world.reconciler.setIntent(intentOf([world.lan]));
    await vi.advanceTimersByTimeAsync(500);
    await world.reconciler.settled();
    expect(way(world)).toBe(world.lan.index);
    const news = told(world.reports);
    expect(news.filter((one) => one.startsWith('kernel.busy'))).toHaveLength(2);
    expect(news.filter((one) => one.startsWith('recovered'))).toHaveLength(2);
  });

  test('ROUT-8: what comes due while a plan is made is not forgotten', async () => {
    let passed = 0;
    const clock: SchedulerLike = {
      now: () => asyncScheduler.now() + passed,
      schedule: asyncScheduler.schedule.bind(asyncScheduler),
    };
    const { kernel, lan } = makeWorld();
    const world = startOn(kernel, {}, memoryJournal(), clock);
    world.kernel.failNext('route.replace', 'ENOBUFS');
    world.reconciler.setIntent(intentOf([lan]));
    await vi.advanceTimersByTimeAsync(49);
    // The wait of 50 ms ends after the plan has looked at the clock, and before the next look at it.
    const read = world.settings.read.bind(world.settings);
    vi.spyOn(world.settings, 'read').mockImplementation((setting) => {
      passed = 1;
      return read(setting);
    });
    world.reconciler.refresh();
    await vi.advanceTimersByTimeAsync(100);
    expect(way(world)).toBe(lan.index);
    await world.reconciler.settled();
  });

  test('ROUT-8: what is refused for good is given up for a minute; the rest is done meanwhile', async () => {
    const world = makeWorld();
    let isRefusing = true;
    const carryOut = world.kernel.execute.bind(world.kernel);
    vi.spyOn(world.kernel, 'execute').mockImplementation(async (operation) => {
      const isIt = operation.type === 'route.replace' && operation.target.startsWith('route 192.0.2.0/24');
      if (isRefusing && isIt) return { ok: false, retry: 'permanent', code: 'kernel.refused', message: 'no' };
      return carryOut(operation);
    });
    await reach(world, intentOf([world.lan]));
    expect(way(world)).toBe(world.lan.index);
    const object = 'route 192.0.2.0/24 dev eth0 metric 1 table 100';
    expect(told(world.reports)).toEqual([`routing.gaveUp: ${object}`]);
    isRefusing = false;
    await vi.advanceTimersByTimeAsync(61_000);
    expect(told(world.reports).at(-1)).toBe(`recovered: ${object}`);
  });

  test('ROUT-8: routes by a link that goes down are not tried, and come back with it', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan, world.phone]));
    world.kernel.setDown(world.lan.index);
    await world.kernel.settle();
    await world.reconciler.settled();
    expect(way(world)).toBe(world.phone.index);
    world.kernel.setUp(world.lan.index);
    await world.kernel.settle();
    await world.reconciler.settled();
    expect(way(world)).toBe(world.lan.index);
    expect(told(world.reports)).toEqual([]);
  });
});

describe('a planned switch', () => {
  const unresolve = ({ kernel, phone }: World): void => {
    kernel.setNeighbour(phone.index, '192.168.42.129', 'failed');
  };

  test('ROUT-4: waits until the new gateway has answered', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan, world.phone]));
    unresolve(world);
    world.kernel.setAnswering(world.phone.index, '192.168.42.129', false);
    await world.kernel.settle();
    await vi.advanceTimersByTimeAsync(6000);
    world.reconciler.setIntent(intentOf([world.phone, world.lan]));
    await vi.advanceTimersByTimeAsync(400);
    expect(way(world)).toBe(world.lan.index);
    world.kernel.setNeighbour(world.phone.index, '192.168.42.129', 'reachable');
    await world.kernel.settle();
    await world.reconciler.settled();
    expect(way(world)).toBe(world.phone.index);
  });

  test('ROUT-4: waits a second at most', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan, world.phone]));
    unresolve(world);
    world.kernel.setAnswering(world.phone.index, '192.168.42.129', false);
    world.reconciler.setIntent(intentOf([world.phone, world.lan]));
    await vi.advanceTimersByTimeAsync(990);
    expect(way(world)).toBe(world.lan.index);
    await vi.advanceTimersByTimeAsync(20);
    expect(way(world)).toBe(world.phone.index);
    await world.reconciler.settled();
  });

  test('ROUT-4: is urgent as soon as the old uplink is of no use: then nothing is waited for', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan, world.phone]));
    unresolve(world);
    world.kernel.setAnswering(world.phone.index, '192.168.42.129', false);
    world.reconciler.setIntent(intentOf([world.phone, world.lan]));
    await vi.advanceTimersByTimeAsync(100);
    expect(way(world)).toBe(world.lan.index);
    await reach(world, intentOf([world.phone], [world.lan]));
    expect(way(world)).toBe(world.phone.index);
  });

  test('ROUT-4: gateways of standby uplinks are asked for once, when they appear', async () => {
    const world = makeWorld();
    world.kernel.setAnswering(world.phone.index, '192.168.42.129', false);
    await reach(world, intentOf([world.lan, world.phone]));
    await vi.advanceTimersByTimeAsync(20_000);
    world.reconciler.refresh();
    await world.reconciler.settled();
    const asked = world.kernel.executed.filter(({ type }) => type === 'neighbour.resolve');
    expect(asked.map(({ target }) => target)).toEqual([
      'neighbour 192.0.2.1 dev eth0',
      'neighbour 192.168.42.129 dev usb0',
    ]);
  });
});

describe('a restart', () => {
  test('ROUT-8: takes nothing away before the uplinks are known', async () => {
    const former = makeWorld();
    await reach(former, intentOf([former.lan, former.phone]));
    const left = ownObjects(former);

    const world = startOn(former.kernel, {}, former.journal);
    await reach(world, noNetwork);
    await reach(world, { ...noNetwork, uplinks: [former.lan] });
    expect(way(world)).toBe(former.lan.index);
    const { length } = world.kernel.executed;
    await reach(world, intentOf([former.lan, former.phone]));
    expect(ownObjects(world)).toHaveLength(left.length);
    expect(world.kernel.executed).toHaveLength(length);
    expect([...world.journal.records.values()].every(({ written }) => written !== '0')).toBe(true);
  });

  test('ROUT-8: clears away what a former run left when there is still no uplink after half a minute', async () => {
    const former = makeWorld();
    await reach(former, intentOf([former.lan]));
    const world = startOn(former.kernel, {}, former.journal);
    await reach(world, noNetwork);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(ownObjects(world).length).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ownObjects(world)).toEqual([]);
    expect(world.journal.records.size).toBe(0);
  });

  test('ROUT-8: cleanup removes all of it at once, with no daemon', async () => {
    const former = makeWorld();
    await reach(former, intentOf([former.lan, former.phone]));
    const world = startOn(former.kernel, {}, former.journal);
    expect(await world.reconciler.stop()).toEqual([]);
    expect(ownObjects(world)).toEqual([]);
    expect(world.journal.records.size).toBe(0);
  });
});

describe('the end', () => {
  test('ROUT-8: is idempotent, and deaf to later intents', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan]));
    await Promise.all([world.reconciler.stop(), world.reconciler.stop()]);
    await reach(world, intentOf([world.phone]));
    expect(ownObjects(world)).toEqual([]);
  });

  test('ROUT-8: names what could not be removed', async () => {
    const world = makeWorld();
    await reach(world, intentOf([world.lan]));
    world.kernel.failNext('rule.delete', 'EPERM');
    const left = await world.reconciler.stop();
    expect(left.map(({ target }) => target)).toEqual(['rule 32765: from all lookup 200']);
  });
});

describe('an end that the kernel holds up', () => {
  test.each<OperationResult>([{ ok: false, retry: 'retryable', code: 'kernel.busy', message: 'late' }, { ok: true }])(
    'ROUT-8: comes all the same, and names what is left; what is answered later changes nothing: $ok',
    async (late) => {
      const world = makeWorld();
      await reach(world, intentOf([world.lan]));
      const { length } = ownObjects(world);
      const hung = Promise.withResolvers<OperationResult>();
      const execute = vi.spyOn(world.kernel, 'execute').mockImplementation(() => hung.promise);
      const stopped = world.reconciler.stop();
      await vi.advanceTimersByTimeAsync(10_000);
      const left = await stopped;
      expect(left.filter(({ type }) => type === 'rule.delete' || type === 'route.delete')).toHaveLength(length);
      hung.resolve(late);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(execute).toHaveBeenCalledTimes(1);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe('conflicts', () => {
  test('ROUT-5: a rule of someone else at our priority is reported once, and its end too', async () => {
    const world = makeWorld();
    const rule = foreignRule({ priority: 1100, table: 300, from: '203.0.113.0/24' });
    world.kernel.addRule(rule);
    await reach(world, intentOf([world.lan]));
    await reach(world, intentOf([world.lan, world.phone]));
    expect(told(world.reports)).toEqual(['routing.priorityTaken: rule ipv4 1100']);
    expect(world.reconciler.problems.map(({ code }) => code)).toEqual(['routing.priorityTaken']);
    world.kernel.removeRule(rule);
    await world.kernel.settle();
    await world.reconciler.settled();
    expect(told(world.reports).at(-1)).toBe('recovered: rule ipv4 1100');
  });
});
