import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { DnsFollower, type DnsReport } from '../../../../src/effects/dns/dns-follower.ts';
import type { UplinkServers } from '../../../../src/model/dns.ts';
import type { NetworkIntent, UplinkIntent } from '../../../../src/model/network.ts';
import { FakePlaces, memoryDnsJournal } from '../../../fakes/dns-places.ts';

const path = (address: string) => ({ addresses: [{ address, prefixLength: 24, peer: null }], gateway: null });
const eth0: UplinkIntent = { index: 11, name: 'eth0', paths: { ipv4: path('192.0.2.2'), ipv6: null } };
const wlan0: UplinkIntent = {
  index: 12,
  name: 'wlan0',
  paths: { ipv4: path('198.51.100.2'), ipv6: path('2001:db8::2') },
};
const place = { manager: 'file', linkIndex: 0, name: '/etc/resolv.conf' } as const;

/** The first is active. */
const intentOf = (...active: readonly UplinkIntent[]): NetworkIntent => ({
  uplinks: [eth0, wlan0],
  ranking: {
    ipv4: active.map(({ index }) => ({ index, isReachable: true })),
    ipv6: active.includes(wlan0) ? [{ index: 12, isReachable: true }] : [],
  },
});

function bench({ execute = true, journal = memoryDnsJournal() } = {}) {
  const target = new FakePlaces('file', [eth0, wlan0], ['nameserver 192.0.2.9\n']);
  const known = new Map<number, UplinkServers>([
    [11, { servers: ['192.0.2.53', '2001:db8:1::53'], source: 'a test', refused: [] }],
    [12, { servers: ['198.51.100.53', '2001:db8::53'], source: 'a test', refused: [] }],
  ]);
  const scheduler = new VirtualTimeScheduler();
  const reads: string[] = [];
  const follower = new DnsFollower({
    target,
    journal,
    source: {
      serversOf: async (index, name) => {
        reads.push(name);
        return Promise.resolve(known.get(index) ?? { servers: [], source: null, refused: [] });
      },
    },
    execute,
    scheduler,
    onServers: () => undefined,
  });
  const reports: DnsReport[] = [];
  follower.reports.subscribe((report) => reports.push(report));
  const follow = async (intent: NetworkIntent) => {
    follower.setIntent(intent);
    await follower.settled();
  };
  const problems = () => reports.flatMap((one) => (one.type === 'operation.failed' ? [one.problem.code] : []));
  return { target, known, follower, follow, reads, reports, problems, journal, scheduler };
}

describe('ROUT-9: name servers', () => {
  test('are those of the active uplink that it can reach, one family missing; the rest of a plan is empty', async () => {
    const { follow, target, follower } = bench();
    await follow(intentOf(eth0, wlan0));
    expect(target.valueAt(place)).toContain('eth0');
    expect(target.valueAt(place)).toContain('nameserver 192.0.2.53\n');
    expect(target.valueAt(place)).not.toContain('2001:db8:1::53');
    await follow(intentOf(wlan0, eth0));
    expect(target.valueAt(place)).toContain('nameserver 198.51.100.53\nnameserver 2001:db8::53\n');
    expect(follower.currentPlan()).toEqual([]);
    await follower.stop();
    expect(target.valueAt(place)).toBe('nameserver 192.0.2.9\n');
  });

  test('are neither read nor written for what changes no active uplink, and stay while there is no way out', async () => {
    const { follow, target, reads } = bench();
    await follow(intentOf(eth0, wlan0));
    const [asked, written] = [reads.length, target.writes.length];
    await follow(intentOf(eth0, wlan0));
    await follow(intentOf());
    expect([reads.length, target.writes.length]).toEqual([asked, written]);
  });

  test('that nobody knows leave the machine what it had itself, and are told once', async () => {
    const { follow, target, known, problems, follower } = bench();
    await follow(intentOf(eth0));
    known.delete(12);
    await follow(intentOf(wlan0, eth0));
    expect(target.valueAt(place)).toBe('nameserver 192.0.2.9\n');
    follower.refresh();
    await follower.settled();
    expect(problems()).toEqual(['dns.unknown']);
  });

  test('that someone else writes are theirs until the end', async () => {
    const { follow, target, problems, follower, journal } = bench();
    await follow(intentOf(eth0));
    for (const theirs of ['nameserver 203.0.113.1\n', 'nameserver 192.0.2.9\n']) {
      target.overwrite(place, theirs);
      await follow(intentOf(wlan0, eth0));
      await follow(intentOf(eth0));
      expect(target.valueAt(place)).toBe(theirs);
    }
    expect(problems()).toEqual(['dns.conflict']);
    expect(journal.records.size).toBe(0);
    await follower.stop();
    expect(target.valueAt(place)).toBe('nameserver 192.0.2.9\n');
  });

  test('are only shown in a dry run', async () => {
    const { follow, target, follower } = bench({ execute: false });
    await follow(intentOf(eth0));
    expect(follower.currentPlan()).toMatchObject([{ type: 'dns.set', target: 'name servers in /etc/resolv.conf' }]);
    expect(await follower.stop()).toEqual([]);
    expect(target.writes).toEqual([]);
  });

  test('that cannot be written are tried again a few times, told, and never hold up the end', async () => {
    const { follower, target, problems, scheduler, follow, known } = bench();
    target.failure = { ok: false, retry: 'retryable', code: 'tool.failed', message: 'no' };
    follower.setIntent(intentOf(eth0));
    for (let round = 0; round < 8; round += 1) {
      await new Promise(setImmediate);
      scheduler.maxFrames = scheduler.frame + 1000;
      scheduler.flush();
    }
    await follower.settled();
    expect(target.writes).toHaveLength(5);
    expect(problems()).toEqual(['tool.failed', 'routing.gaveUp']);
    target.failure = null;
    // With nothing wanted the record is forgotten, and that makes the file nobody else's.
    known.delete(11);
    follower.refresh();
    await follower.settled();
    await follow(intentOf(wlan0));
    expect(target.valueAt(place)).toContain('wlan0');
    expect(await follower.stop()).toEqual([]);
    expect(target.valueAt(place)).toBe('nameserver 192.0.2.9\n');
  });

  test('of a former run are kept until a way out is known, and given back when none is for 30 s', async () => {
    const journal = memoryDnsJournal();
    const left = bench({ journal });
    await left.follow(intentOf(eth0));
    const { follower, target, scheduler } = bench({ journal });
    const written = left.target.valueAt(place);
    target.overwrite(place, written);
    follower.refresh();
    await follower.settled();
    expect(target.valueAt(place)).toBe(written);
    scheduler.maxFrames = 30_000;
    scheduler.flush();
    await follower.settled();
    expect(target.valueAt(place)).toBe('nameserver 192.0.2.9\n');
  });
});
