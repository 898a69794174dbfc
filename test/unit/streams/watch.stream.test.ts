import { BehaviorSubject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/model/config.ts';
import type { ProbeIntent } from '../../../src/model/events.ts';
import { milliseconds } from '../../../src/model/units.ts';
import { trafficKey, type Traffic } from '../../../src/streams/ports.ts';
import type { SignalEvent } from '../../../src/streams/signal.stream.ts';
import { watchEvents, type ResumeEvent } from '../../../src/streams/watch.stream.ts';
import { SimulatedTime } from '../../fakes/simulated-time.ts';
import { added, link, ScriptedKernel } from './scripted-kernel.ts';

const intent = (index: number, name: string, role: ProbeIntent['role'], path = 'a'): ProbeIntent => ({
  index,
  name,
  family: 'ipv4',
  source: `192.168.${index}.2`,
  path,
  role,
  interval: milliseconds(5000),
  isReachable: true,
});

function watch() {
  const time = new SimulatedTime();
  const kernel = new ScriptedKernel();
  const probes$ = new BehaviorSubject<readonly ProbeIntent[]>([
    intent(2, 'eth0', 'active'),
    intent(3, 'wlan0', 'standby'),
  ]);
  const traffic = new Map<string, Traffic>();
  const carrierReads: string[] = [];
  const asleep: { ms: number | null } = { ms: 700 };
  let counterReads = 0;
  const events: (SignalEvent | ResumeEvent)[] = [];
  const subscription = watchEvents({
    kernel,
    probes$,
    traffic: {
      read() {
        counterReads += 1;
        return new Map(traffic);
      },
    },
    carriers: {
      readCarrier(name) {
        carrierReads.push(name);
        return true;
      },
    },
    sleep: { asleep: () => asleep.ms },
    config: defaultConfig.stall,
    clock: time,
    scheduler: time,
  }).subscribe((event) => events.push(event));
  const count = (index: number, sent: number, received: number): void => {
    const key = trafficKey(index, 'ipv4');
    const before = traffic.get(key) ?? { sent: 0, received: 0, dnsAsked: 0, dnsAnswered: 0 };
    traffic.set(key, { ...before, sent: before.sent + sent, received: before.received + received });
  };
  return {
    time,
    kernel,
    probes$,
    events,
    asleep,
    count,
    subscription,
    /** How often carrier and counters are read in so many milliseconds, while `step` happens each 10 ms. */
    reads: async (duration: number, step: () => void = () => undefined) => {
      carrierReads.length = 0;
      counterReads = 0;
      for (let passed = 0; passed < duration; passed += 10) {
        step();
        await time.run(10);
      }
      const of = (name: string): number => carrierReads.filter((one) => one === name).length;
      return { eth0: of('eth0'), wlan0: of('wlan0'), counters: counterReads };
    },
  };
}

describe('HLTH-6: what netlink does not tell is looked at', () => {
  test('twice a second while nothing happens', async () => {
    const { reads, count } = watch();
    count(2, 0, 0);
    expect(await reads(10_000)).toEqual({ eth0: 20, wlan0: 20, counters: 20 });
  });

  test('while traffic flows by the active uplink its carrier is read each 50 ms, its counters each 250 ms', async () => {
    const { reads, count } = watch();
    const flow = () => count(2, 10, 10);
    await reads(2000, flow);
    const { eth0, wlan0, counters } = await reads(10_000, flow);
    expect(eth0).toBe(200);
    expect(wlan0).toBeGreaterThanOrEqual(18);
    expect(wlan0).toBeLessThanOrEqual(20);
    expect(counters).toBe(40);
  });

  test('traffic of a standby uplink makes nobody look more often', async () => {
    const { reads, count } = watch();
    count(2, 0, 0);
    expect(await reads(10_000, () => count(3, 10, 10))).toMatchObject({ eth0: 20 });
  });

  test('for 2.2 s after a link event every carrier is read each 20 ms, and at once', async () => {
    const { reads, kernel, count } = watch();
    count(2, 0, 0);
    await reads(2000);
    kernel.say(added('link', link(9, 'other0')));
    const { eth0, wlan0 } = await reads(5000);
    expect(eth0).toBeGreaterThanOrEqual(110);
    expect(eth0).toBeLessThanOrEqual(120);
    expect(wlan0).toBeGreaterThanOrEqual(110);
  });

  test('a stall is told of the uplink and the family it is in', async () => {
    const { reads, count, events } = watch();
    const flow = (received: number) => () => {
      count(2, 10, received);
      count(3, 10, 10);
    };
    await reads(2000, flow(10));
    expect(events).toEqual([]);
    await reads(760, flow(0));
    expect(events).toMatchObject([{ index: 2, family: 'ipv4', signal: 'stalled' }]);
  });

  test('a new path is watched anew', async () => {
    const { reads, count, events, probes$ } = watch();
    await reads(2000, () => count(2, 10, 10));
    await reads(400, () => count(2, 10, 0));
    probes$.next([intent(2, 'eth0', 'active', 'b')]);
    await reads(300, () => count(2, 10, 0));
    expect(events).toEqual([]);
  });

  test('counters that cannot be read for a while suspect nothing', async () => {
    const { reads, count, events } = watch();
    await reads(2000, () => count(2, 10, 10));
    await reads(5000);
    expect(events).toEqual([]);
  });

  test('nothing is read after the end', async () => {
    const { reads, subscription, count } = watch();
    count(2, 0, 0);
    subscription.unsubscribe();
    expect(await reads(2000)).toEqual({ eth0: 0, wlan0: 0, counters: 0 });
  });
});

describe('a sleep of the machine', () => {
  test('is told within half a second of waking, with its length, and once', async () => {
    const { time, events, asleep } = watch();
    await time.run(5000);
    expect(events).toEqual([]);
    asleep.ms = 700 + 3_600_000;
    await time.run(500);
    expect(events).toEqual([{ type: 'node.resumed', at: 5500, slept: 3_600_000 }]);
    await time.run(10_000);
    expect(events).toHaveLength(1);
  });

  test('is none where the clocks only differ by their grain, drift apart slowly, or cannot be read', async () => {
    const { time, events, asleep } = watch();
    for (const ms of [710, 690, 1600, 2500, 1000, null, 900_000, null, 700]) {
      asleep.ms = ms;
      await time.run(1000);
    }
    expect(events).toEqual([]);
  });
});
