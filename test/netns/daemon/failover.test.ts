import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Meter } from '../../../lab/meter.ts';
import type { Status } from '../../../src/model/status.ts';
import { interfaceOf, Site } from './site.ts';
import { isCheap } from './ways.ts';

/** The example that the documentation of the configuration gives. */
const example = `
profile = "default"
[probe]
targets = ["tcp://1.1.1.1:53", "tcp://8.8.8.8:53"]
[lifecycle]
upToDegraded = "15s"
[interfaces]
include = ["eth*", "wlan0", "wwan0"]
[[uplink]]
match = "eth*"
type = "ethernet"
gateway = "192.168.101.1"
dhcp = false
policy = { kind = "metered", budget = "1 GB", period = "monthly", startDay = 1 }
[dns]
mode = "none"
`;

const active = ({ active: { ipv4, ipv6 } }: Status): readonly (string | undefined)[] => [ipv4?.iface, ipv6?.iface];

describe('the example configuration, on a node that somebody else has set up', () => {
  let site: Site;
  let meters: readonly Meter[];
  beforeAll(async () => {
    site = await Site.create();
    meters = await Promise.all([site.lab.meter({ family: 'ipv4' }), site.lab.meter({ family: 'ipv6' })]);
    await site.start(example);
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  /** Pulls the cable of the uplink in use, and tells who carries the traffic then and what that cost. */
  async function pull(from: string) {
    await Promise.all(meters.map(async (meter) => meter.report()));
    for (const meter of meters) meter.reset();
    await site.lab.uplink(from).pull();
    const moved = meters.map(async (meter) =>
      meter.until(({ uplink, silentMs }) => uplink !== from && silentMs < 20, `traffic leaves ${from}`),
    );
    await Promise.all(moved);
    return Promise.all(meters.map(async (meter) => meter.report()));
  }

  /** The carrier is back, and the daemon knows about every uplink. */
  async function plug(name: string): Promise<void> {
    await site.lab.uplink(name).plug();
    const isBack = (status: Status) =>
      interfaceOf(status, name)?.verdict.ipv4 === 'healthy' && interfaceOf(status, name)?.verdict.ipv6 === 'healthy';
    await site.until(isBack, `${name} is back`);
  }

  test('all three uplinks are used, and the cable carries the traffic', async () => {
    const status = await site.until((now) => active(now).every((name) => name === 'eth0'), 'eth0 is active');
    expect(status.ranking).toEqual({ ipv4: ['eth0', 'wlan0', 'wwan0'], ipv6: ['eth0', 'wlan0', 'wwan0'] });
    expect(interfaceOf(status, 'eth0')?.gateways).toEqual({ ipv4: '192.168.101.1', ipv6: '2001:db8:101::1' });
    expect(interfaceOf(status, 'eth0')?.policy).toMatch(/metered/u);
    expect(await site.daemon.plan()).toEqual([]);
  });

  test('ROUT-3: a stream of 1,000 packets/s loses at most one when the carrier goes, in each family', async () => {
    const reports = await pull('eth0');
    expect(reports.map(({ uplink }) => uplink)).toEqual(['wlan0', 'wlan0']);
    expect(reports.filter((report) => !isCheap(report))).toEqual([]);
    const status = await site.until((now) => active(now).every((name) => name === 'wlan0'), 'it is known');
    expect(status.active.ipv4?.rule).toBe('usable');
    await plug('eth0');
  });

  test('ROUT-3: the same with the daemon stopped', async () => {
    site.daemon.signal('SIGSTOP');
    const reports = await pull('wlan0');
    expect(reports.filter((report) => !isCheap(report))).toEqual([]);
    site.daemon.signal('SIGCONT');
    await site.until((now) => active(now).every((name) => name !== 'wlan0'), 'it catches up');
    await plug('wlan0');
  });

  test('ROUT-3: the same with the daemon killed, and nothing is left after it was cleaned up', async () => {
    const { active: before } = await site.daemon.status();
    await site.daemon.kill();
    const reports = await pull(before.ipv4?.iface ?? '');
    expect(reports.filter((report) => !isCheap(report))).toEqual([]);
    await site.lab.uplink(before.ipv4?.iface ?? '').plug();
    await site.lab.uplink(before.ipv4?.iface ?? '').untilCarrier(true);
    expect((await site.backhauld('cleanup')).code).toBe(0);
    expect(await site.changes()).toEqual([]);
  });
});
