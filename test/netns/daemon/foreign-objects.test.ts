import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Meter } from '../../../lab/meter.ts';
import { givenBack, Site } from './site.ts';
import { RoutingWatch } from './watch.ts';

/** What other programs have installed, some of it where backhauld puts its own. */
const foreign = [
  'route add blackhole 192.0.2.0/24',
  'route add 198.18.0.0/15 via 192.168.103.1 proto static',
  'route add 10.66.0.0/16 dev eth0 table 150',
  'route add default via 192.168.102.1 dev wlan0 table 150',
  'rule add priority 1000 from 10.9.9.0/24 table 77',
  'rule add priority 1050 table 200 suppress_prefixlength 0 protocol static',
  'rule add priority 32765 from 10.9.9.0/24 table 200 protocol 99',
  // Looks like one of backhauld's, and asks for something that none of those asks for.
  'rule add priority 1000 oif eth0 ipproto tcp dport 22 table 100 protocol 144',
  // backhauld never writes to main: what bears its mark there was put there by someone else.
  'route add 198.51.100.0/24 via 192.168.101.1 proto 144',
] as const;

describe('beside the routes and rules of others', () => {
  let site: Site;
  let meters: readonly Meter[];
  let watch: RoutingWatch;
  const foreignNow = async (): Promise<readonly string[]> => {
    const changes = await site.changes();
    return changes.filter((line) => !line.startsWith('+') || !/proto 144/u.test(line));
  };
  const isSetting = (line: string): boolean => line.includes('net.ipv');

  beforeAll(async () => {
    site = await Site.create();
    await site.node.ip(...foreign);
    meters = await Promise.all([site.lab.meter({ family: 'ipv4' }), site.lab.meter({ family: 'ipv6' })]);
    watch = await RoutingWatch.start(site.node);
    await site.start();
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('ROUT-5: what is in the way is reported, and none of it is touched', async () => {
    const status = await site.daemon.status();
    expect(status.problems.map(({ code, subject }) => `${code} ${subject}`).toSorted()).toEqual([
      'routing.priorityTaken rule ipv4 1000',
      'routing.priorityTaken rule ipv4 1050',
      'routing.tableTaken table 150',
    ]);
    expect((await foreignNow()).filter((line) => !isSetting(line))).toEqual([]);
    expect(await watch.foreign(site.node)).toEqual([]);
  });

  test('ROUT-4: ranked anew by a pin, back and forth, 20 times: not one packet is lost in either family', async () => {
    for (const meter of meters) {
      await meter.report();
      meter.reset();
    }
    for (let turn = 0; turn < 10; turn += 1) {
      for (const name of ['wwan0', 'eth0']) {
        await site.daemon.pin(name);
        await Promise.all(meters.map(async (meter) => meter.until(({ uplink }) => uplink === name, `by ${name}`)));
      }
    }
    const reports = await Promise.all(meters.map(async (meter) => meter.report()));
    expect(reports.map(({ lost, sendErrors }) => ({ lost, sendErrors }))).toEqual([
      { lost: 0, sendErrors: 0 },
      { lost: 0, sendErrors: 0 },
    ]);
    for (const { switches } of reports) expect(switches).toBeGreaterThanOrEqual(19);
    expect(await watch.foreign(site.node)).toEqual([]);
  });

  test('ROUT-5: what others remove is put back within a second', async () => {
    await site.pin('eth0');
    await site.until((status) => status.active.ipv6?.iface === 'eth0', 'eth0 in both families');
    const own = await site.own();
    // Someone's rule looks up 200, where the ranking would stand otherwise.
    expect(own).toContain('32765:\tfrom all lookup 199 proto 144');
    const removals = [
      '-4 rule delete priority 32765 table 199 protocol 144',
      '-6 rule flush protocol 144',
      '-4 route flush table 199 protocol 144',
      '-6 route flush table 101 protocol 144',
    ];
    for (const removal of removals) {
      await site.node.exec('ip', removal.split(' '));
      const isPutBack = async () => (await site.own()).join('\n') === own.join('\n');
      const deadline = performance.now() + 1000;
      while (!(await isPutBack()) && performance.now() < deadline);
      expect({ removal, own: await site.own() }).toEqual({ removal, own });
    }
    expect(await site.daemon.plan()).toEqual([]);
  });

  test('ROUT-5: at the end everything of others is as it was', async () => {
    const before = (await watch.foreign(site.node)).length;
    expect(await site.stop()).toEqual(givenBack);
    expect((await watch.foreign(site.node)).length).toBe(before);
    const rules = await site.node.exec('ip', ['rule']);
    expect(rules).toContain('ipproto tcp dport 22');
    expect(await site.node.exec('ip', ['route'])).toContain('198.51.100.0/24');
  });
});
