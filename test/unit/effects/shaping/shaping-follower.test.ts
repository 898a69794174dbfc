import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ShapingFollower, type ShapingReport } from '../../../../src/effects/shaping/shaping-follower.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { NetworkIntent } from '../../../../src/model/network.ts';
import { kilobitsPerSecond } from '../../../../src/model/units.ts';
import { FakeShapingTarget, memoryShapingJournal } from '../../../fakes/shaping-target.ts';

/** Uplinks `eth0` (11) and `wlan0` (12), the first of `order` being active. */
const intentOf = (order: readonly number[], throttled: readonly number[] = []): NetworkIntent => ({
  uplinks: [11, 12].map((index) => ({
    index,
    name: index === 11 ? 'eth0' : 'wlan0',
    paths: { ipv4: null, ipv6: null },
  })),
  ranking: { ipv4: order.map((index) => ({ index, isReachable: true })), ipv6: [] },
  throttled,
});

function bench({
  execute = true,
  target = new FakeShapingTarget('eth0', 'wlan0', 'ap0'),
  journal = memoryShapingJournal(),
} = {}) {
  const scheduler = new VirtualTimeScheduler();
  const follower = new ShapingFollower({
    target,
    journal,
    settings: {
      hotspot: defaultConfig.hotspot.qos,
      relay: defaultConfig.relayQos,
      throttleRateOf: () => kilobitsPerSecond(128),
    },
    execute,
    scheduler,
  });
  const reports: ShapingReport[] = [];
  follower.reports.subscribe((report) => reports.push(report));
  const problems = () => reports.flatMap((one) => (one.type === 'operation.failed' ? [one.problem.code] : []));
  const owners = () => Object.fromEntries([...target.roots].map(([name, { owner }]) => [name, owner]));
  const pass = async (wait: number) => {
    scheduler.maxFrames = scheduler.frame + wait;
    scheduler.flush();
    await follower.settled();
  };
  return { follower, target, journal, reports, problems, owners, pass, scheduler };
}

const plain = { eth0: 'default', wlan0: 'default', ap0: 'default' };

describe('the follower that has traffic shared out', () => {
  test('QOS-2: has the tree follow the active uplink, the new one before the old one goes', async () => {
    const { follower, target, owners, journal } = bench();
    follower.setRelaying(true);
    follower.setIntent(intentOf([11, 12]));
    await follower.settled();
    expect(owners()).toEqual({ ...plain, eth0: 'own' });
    expect(journal.isRecorded).toBe(true);
    target.calls.length = 0;
    follower.setIntent(intentOf([12, 11]));
    await follower.settled();
    expect(owners()).toEqual({ ...plain, wlan0: 'own' });
    expect(target.calls.filter((call) => call !== 'read')).toEqual(['replace wlan0 add', 'sort', 'delete eth0']);
    expect(await follower.stop()).toEqual([]);
    expect(owners()).toEqual(plain);
    expect(target.sorting).toBeNull();
    expect(journal.isRecorded).toBe(false);
  });

  test('QOS-1: reads nothing for an intent that changes nothing here, and nothing while nothing is wanted', async () => {
    const { follower, target } = bench();
    follower.setIntent(intentOf([11, 12]));
    follower.setIntent(intentOf([12, 11]));
    await follower.settled();
    const { length } = target.calls;
    follower.setIntent(intentOf([11]));
    follower.setHotspot(null);
    await follower.settled();
    expect(target.calls).toHaveLength(length);
    expect(length).toBeLessThanOrEqual(1);
  });

  test('QOS-1: says once that the kernel shares nothing out, takes back what it began, and asks no more', async () => {
    const { follower, target, problems } = bench();
    target.hasHtb = false;
    follower.setHotspot('ap0');
    await follower.settled();
    follower.setHotspot(null);
    await follower.settled();
    follower.setHotspot('ap0');
    follower.refresh();
    await follower.settled();
    expect(target.calls.filter((call) => call.startsWith('replace'))).toHaveLength(1);
    expect(problems()).toEqual(['qos.unavailable']);
    expect(follower.problems()).toMatchObject([{ code: 'qos.unavailable' }]);
    expect(await follower.stop()).toEqual([]);
  });

  test('QOS-1: says that nothing can be read while that lasts, and does what is wanted when it is over', async () => {
    const { follower, target, reports, owners } = bench();
    target.unreadable = { code: 'tool.missing', subject: 'tc', message: 'there is no tc' };
    follower.setHotspot('ap0');
    await follower.settled();
    expect(follower.problems()).toMatchObject([{ code: 'qos.unavailable' }]);
    target.unreadable = null;
    follower.refresh();
    await follower.settled();
    expect(owners()).toEqual({ ...plain, ap0: 'own' });
    expect(reports.map(({ type }) => type)).toContain('operation.recovered');
  });

  test('QOS-2: tries what fails a few times, tells it, and does not let it hold up the end', async () => {
    const { follower, target, problems, scheduler } = bench();
    target.failure = { ok: false, retry: 'retryable', code: 'kernel.refused', message: 'no' };
    follower.setRelaying(true);
    follower.setIntent(intentOf([11]));
    for (let round = 0; round < 8; round += 1) {
      await new Promise(setImmediate);
      scheduler.maxFrames = scheduler.frame + 1000;
      scheduler.flush();
    }
    await follower.settled();
    expect(target.calls.filter((call) => call === 'replace eth0 add')).toHaveLength(5);
    expect(problems()).toContain('routing.gaveUp');
    expect(await follower.stop()).toEqual([]);
  });

  test('ROUT-8: what a former run left stays until a way out is known, or for 30 s', async () => {
    const left = bench();
    left.follower.setRelaying(true);
    left.follower.setIntent(intentOf([12]));
    await left.follower.settled();
    const { target } = left;
    const again = bench({ target, journal: memoryShapingJournal(true) });
    again.follower.setRelaying(true);
    again.follower.refresh();
    await again.follower.settled();
    expect(again.owners()).toEqual({ ...plain, wlan0: 'own' });
    again.follower.setIntent(intentOf([12]));
    await again.follower.settled();
    expect(again.reports).toEqual([]);
    const idle = bench({ target, journal: memoryShapingJournal(true) });
    idle.follower.refresh();
    await idle.follower.settled();
    expect(idle.owners()).toEqual({ ...plain, wlan0: 'own' });
    await idle.pass(30_000);
    expect(idle.owners()).toEqual(plain);
  });

  test('ROUT-7: a dry run plans, and does nothing', async () => {
    const { follower, target, owners, journal } = bench({ execute: false });
    follower.setHotspot('ap0');
    follower.setIntent(intentOf([11], [11]));
    await follower.settled();
    expect(follower.currentPlan().map(({ type, target: object }) => `${type} ${object}`)).toEqual([
      'qdisc.replace qdisc htb 1442: root dev ap0',
      'qdisc.replace qdisc htb 1442: root dev eth0',
      'sorting.replace table inet backhauld_qos',
    ]);
    expect(await follower.stop()).toEqual([]);
    expect([owners(), new Set(target.calls), journal.isRecorded]).toEqual([plain, new Set(['read']), false]);
  });

  test('TETH-5: an uplink that is slowed down is not shared out as well, and comes back to it', async () => {
    const { follower, target } = bench();
    follower.setRelaying(true);
    follower.setIntent(intentOf([11], [11]));
    await follower.settled();
    expect(target.sorting).toMatchObject({ relay: null, slowed: [{ interface: 'eth0', rate: 128_000 }] });
    follower.setIntent(intentOf([11]));
    await follower.settled();
    expect(target.sorting).toMatchObject({ relay: { interfaces: ['eth0'] }, slowed: [] });
  });
});
