import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../../lab/process.ts';
import type { ShapingReport } from '../../src/effects/shaping/shaping-follower.ts';
import { kilobitsPerSecond } from '../../src/model/units.ts';
import {
  clientAddress,
  internetAddress,
  internetAddress6,
  intentOf,
  type Receiver,
  ShapingBed,
  show,
} from './shaping/testbed.ts';

let bed: ShapingBed;
const running: (Service | Receiver)[] = [];
beforeAll(async () => {
  bed = await ShapingBed.create('shaping');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (one) => one.end()));
});
afterAll(async () => {
  await bed?.[Symbol.asyncDispose]();
});

const started = async <T extends Service | Receiver>(starting: Promise<T>): Promise<T> => {
  const one = await starting;
  running.push(one);
  return one;
};
const bulkPort = 6001;
const controlPort = 6002;
const printed = (what: string, figures: object): void => console.log(what, JSON.stringify(figures));
const rootOf = (name: string): string => show(`tc qdisc show dev ${name} root`).trim();

describe('traffic of the hotspot', () => {
  test.each(['ipv4', 'ipv6'] as const)(
    'QOS-1: under a stream that saturates 10 Mbit/s, the control class keeps its rate and its delay (%s)',
    async (family) => {
      const follower = bed.follow();
      follower.setHotspot('ap0');
      await follower.settled();
      expect(follower.currentPlan()).toEqual([]);
      const marks = await bed.countMarks(bed.client, 'eth0');
      const receiver = await started(bed.receiver(bed.client, bulkPort, controlPort));
      const to = clientAddress[family];
      const control = { port: controlPort, sourcePort: 22, kbit: 1000, size: 200 };
      await started(bed.sender(bed.internet, to, control));
      const idle = (await receiver.count(controlPort, 150))[controlPort];
      await started(bed.sender(bed.internet, to, { port: bulkPort, sourcePort: 5001, kbit: 20_000, size: 1200 }));
      // The queue is full by then.
      await receiver.count(bulkPort, 500);
      const busy = await receiver.count(controlPort, 600);
      const added = (busy[controlPort]?.medianDelayMs ?? 0) - (idle?.medianDelayMs ?? 0);
      printed(`QOS-1 ${family}`, { idle, control: busy[controlPort], bulk: busy[bulkPort], added });
      // By what was sent, not by the clock: on a busy machine the sender itself is held up.
      expect(busy[controlPort]?.arrivedPercent).toBeGreaterThanOrEqual(95);
      expect(busy[controlPort]?.kbitPerSecond).toBeGreaterThan(700);
      expect(added).toBeLessThanOrEqual(20);
      // What the interactive class does not use, bulk has, beyond its own share.
      expect(busy[bulkPort]?.kbitPerSecond).toBeGreaterThan(7000);
      expect(busy[bulkPort]?.kbitPerSecond).toBeLessThan(9500);
      const ip = family === 'ipv4' ? 'ip' : 'ip6';
      const seen = await marks();
      expect(seen[`${ip} 46`]).toBeGreaterThan(600);
      expect(seen[`${ip} 10`]).toBeGreaterThan(600);
      expect(await follower.stop()).toEqual([]);
      expect(rootOf('ap0')).toBe('qdisc noqueue 0: root refcnt 2');
    },
  );

  test('QOS-1: an idle class never caps another, and what clients send is marked by the port it goes to', async () => {
    const follower = bed.follow();
    follower.setHotspot('ap0');
    await follower.settled();
    const down = await started(bed.receiver(bed.client, bulkPort));
    await started(
      bed.sender(bed.internet, clientAddress.ipv4, { port: bulkPort, sourcePort: 5001, kbit: 20_000, size: 1200 }),
    );
    await down.count(bulkPort, 300);
    const alone = (await down.count(bulkPort, 500))[bulkPort];
    printed('QOS-1 bulk alone', { bulk: alone });
    expect(alone?.kbitPerSecond).toBeGreaterThan(9000);
    expect(alone?.kbitPerSecond).toBeLessThan(10_300);
    const marks = await bed.countMarks(bed.internet, 'wan0');
    const up = await started(bed.receiver(bed.internet, 443, 8080, 9000));
    const senders = [internetAddress.wan0, internetAddress6.wan0].flatMap((to) =>
      [443, 8080, 9000].map(async (port) =>
        started(bed.sender(bed.client, to, { port, sourcePort: 40_000 + port, kbit: 500, size: 100 })),
      ),
    );
    await Promise.all(senders);
    await up.count(9000, 80);
    const seen = Object.values(await marks());
    expect(seen).toHaveLength(6);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(10);
    await follower.stop();
  });
});

describe('relay QoS', () => {
  test("QOS-2: the node's own traffic keeps its rate beside what it relays, is marked, and the tree follows a switch", async () => {
    const follower = bed.follow();
    follower.setRelaying(true);
    follower.setIntent(intentOf(['wan0', 'wan1']));
    await follower.settled();
    expect(rootOf('wan0')).toContain('htb 1442:');
    const marks = await bed.countMarks(bed.internet, 'wan0');
    const far = await started(bed.receiver(bed.internet, bulkPort, controlPort));
    await started(
      bed.sender(bed.client, internetAddress.wan0, { port: bulkPort, sourcePort: 5001, kbit: 20_000, size: 1200 }),
    );
    await far.count(bulkPort, 400);
    await started(
      bed.sender(null, internetAddress.wan0, { port: controlPort, sourcePort: 5002, kbit: 1000, size: 200 }),
    );
    const busy = await far.count(controlPort, 500);
    printed('QOS-2', { node: busy[controlPort], relay: busy[bulkPort] });
    expect(busy[controlPort]?.arrivedPercent).toBeGreaterThanOrEqual(95);
    expect(busy[controlPort]?.kbitPerSecond).toBeGreaterThan(700);
    expect(busy[controlPort]?.medianDelayMs).toBeLessThanOrEqual(20);
    expect(busy[bulkPort]?.kbitPerSecond).toBeGreaterThan(7000);
    expect((await marks())['ip 46']).toBeGreaterThanOrEqual(500);
    follower.setIntent(intentOf(['wan1', 'wan0']));
    await follower.settled();
    expect(rootOf('wan1')).toContain('htb 1442:');
    expect(rootOf('wan0')).toContain('noqueue 0:');
    const marks1 = await bed.countMarks(bed.internet, 'wan1');
    const far1 = await started(bed.receiver(bed.internet, 6003));
    await started(bed.sender(null, internetAddress6.wan1, { port: 6003, sourcePort: 5003, kbit: 500, size: 100 }));
    await far1.count(6003, 20);
    expect((await marks1())['ip6 46']).toBeGreaterThanOrEqual(20);
    follower.setRelaying(false);
    follower.setRelaying(false);
    await follower.settled();
    expect(rootOf('wan1')).toContain('noqueue 0:');
    expect(show('nft list tables')).toBe('');
    await follower.stop();
  });
});

describe('an uplink whose budget is used up', () => {
  test('TETH-5: is slowed down in both directions, and small packets still pass at once', async () => {
    const follower = bed.follow();
    follower.setIntent(intentOf(['wan0', 'wan1'], ['wan0']));
    await follower.settled();
    const far = await started(bed.receiver(bed.internet, bulkPort, controlPort));
    const near = await started(bed.receiver(bed.client, bulkPort));
    await started(
      bed.sender(bed.client, internetAddress.wan0, { port: bulkPort, sourcePort: 5001, kbit: 3000, size: 1000 }),
    );
    await started(
      bed.sender(bed.internet, clientAddress.ipv4, { port: bulkPort, sourcePort: 5001, kbit: 3000, size: 1000 }),
    );
    await started(bed.sender(null, internetAddress.wan0, { port: controlPort, sourcePort: 5002, kbit: 50, size: 40 }));
    // What may come at once has come.
    await Promise.all([far.count(bulkPort, 40), near.count(bulkPort, 130)]);
    const [sent, received] = await Promise.all([far.count(bulkPort, 70), near.count(bulkPort, 70)]);
    printed('TETH-5', { sent: sent[bulkPort], small: sent[controlPort], received: received[bulkPort] });
    expect(sent[bulkPort]?.kbitPerSecond).toBeLessThan(530);
    expect(sent[bulkPort]?.kbitPerSecond).toBeGreaterThan(380);
    expect(received[bulkPort]?.kbitPerSecond).toBeLessThan(560);
    expect(received[bulkPort]?.kbitPerSecond).toBeGreaterThan(380);
    expect(sent[controlPort]?.medianDelayMs).toBeLessThan(30);
    follower.setIntent(intentOf(['wan0', 'wan1']));
    await follower.settled();
    expect([rootOf('wan0'), show('nft list tables')]).toEqual(['qdisc noqueue 0: root refcnt 2', '']);
    await follower.stop();
  });
});

describe('what shares traffic out', () => {
  const bulkLimit = '50Kbit';

  test('QOS-1: is put back when others remove or change it, and is left as it is by the next run', async () => {
    const crashed = bed.follow();
    crashed.setHotspot('ap0');
    await crashed.settled();
    let done = crashed.told.length;
    show('tc qdisc del dev ap0 root');
    show('nft flush chain inet backhauld_qos forwarded');
    crashed.refresh();
    await crashed.settled();
    expect(operationsOf(crashed.told.slice(done))).toEqual(['qdisc.replace', 'sorting.replace']);
    show(`tc class change dev ap0 parent 1442:1 classid 1442:30 htb prio 2 rate ${bulkLimit} ceil ${bulkLimit}`);
    done = crashed.told.length;
    crashed.refresh();
    await crashed.settled();
    expect(operationsOf(crashed.told.slice(done))).toEqual(['qdisc.replace']);
    expect(show('tc class show dev ap0')).not.toContain(bulkLimit);
    const before = show('tc qdisc show dev ap0');
    const next = bed.follow();
    next.setHotspot('ap0');
    await next.settled();
    expect(operationsOf(next.told)).toEqual([]);
    expect(show('tc qdisc show dev ap0')).toBe(before);
    const faster = bed.follow({ ceiling: kilobitsPerSecond(20_000) });
    faster.setHotspot('ap0');
    await faster.settled();
    expect(operationsOf(faster.told)).toEqual(['qdisc.replace']);
    expect(show('tc class show dev ap0')).toContain('ceil 20Mbit');
    await Promise.all([faster.stop(), next.stop(), crashed.stop()]);
    expect(rootOf('ap0')).toContain('noqueue 0:');
  });

  test("QOS-2: leaves a root qdisc of someone else's alone, and says so; a dry run only shows what it would do", async () => {
    show('tc qdisc add dev wan0 root handle 7: tbf rate 1mbit burst 10kb latency 50ms');
    const follower = bed.follow();
    follower.setRelaying(true);
    follower.setIntent(intentOf(['wan0', 'wan1']));
    await follower.settled();
    expect(follower.problems()).toMatchObject([{ code: 'kernel.conflict', subject: 'root qdisc of wan0' }]);
    expect(await follower.stop()).toEqual([]);
    expect(rootOf('wan0')).toContain('tbf 7:');
    show('tc qdisc del dev wan0 root');
    const dry = bed.follow({ isExecuting: false });
    dry.setRelaying(true);
    dry.setIntent(intentOf(['wan0', 'wan1']));
    await dry.settled();
    expect(dry.currentPlan().map(({ type, target }) => `${type} ${target}`)).toEqual([
      'qdisc.replace qdisc htb 1442: root dev wan0',
      'sorting.replace table inet backhauld_qos',
    ]);
    expect([rootOf('wan0'), show('nft list tables')]).toEqual(['qdisc noqueue 0: root refcnt 2', '']);
  });
});

const operationsOf = (reports: readonly ShapingReport[]): readonly string[] =>
  reports.flatMap((one) => (one.type === 'operation.executed' ? [one.operation.type] : []));
