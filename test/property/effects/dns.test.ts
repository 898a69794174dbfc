import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  nat,
  oneof,
  option,
  property,
  record,
  subarray,
  uint8Array,
} from 'fast-check';
import { expect, test } from 'vitest';
import { executeDns } from '../../../src/effects/dns/dns.execute.ts';
import { planDns, placesToRead, type DnsCircumstances } from '../../../src/effects/dns/dns.plan.ts';
import { dnsPlaceKey, type DesiredDns, type DnsManager, type DnsValue } from '../../../src/model/dns.ts';
import { formatResolvedLink } from '../../../src/model/resolved-link.ts';
import { nameServersOf, rewriteResolvConf } from '../../../src/model/resolv-conf.ts';
import { FakePlaces, memoryDnsJournal } from '../../fakes/dns-places.ts';

const file = '/etc/resolv.conf';
const uplinks = [
  { index: 11, name: 'eth0' },
  { index: 12, name: 'wlan0' },
];
const calm: DnsCircumstances = { written: new Set(), theirs: new Set(), keep: false };

/** Texts of one character for each byte, with what a resolv.conf is made of in them often. */
const bytes = oneof(
  uint8Array({ maxLength: 80 }).map((all) => Buffer.from(all).toString('latin1')),
  array(
    constantFrom(
      'nameserver 192.0.2.1',
      'search a b',
      'options edns0',
      'options\trotate\r',
      '# x',
      '',
      'domain z',
      'é',
    ),
    { maxLength: 8 },
  ).chain((lines) => constantFrom('\n', '\r\n').map((end) => lines.join(end))),
);
const link = record({
  servers: subarray(['192.0.2.1', 'fe80::1', '9.9.9.9#dns.quad9.net']),
  domains: subarray(['~.', 'lan', '~corp.example']),
});
const desired = record({
  uplink: constantFrom(...uplinks),
  servers: subarray(['192.0.2.53', '2001:db8::53', '192.0.2.1', '198.51.100.1'], { minLength: 1 }),
});
const want = ({ uplink, servers }: { uplink: (typeof uplinks)[number]; servers: readonly string[] }): DesiredDns => ({
  linkIndex: uplink.index,
  interface: uplink.name,
  servers,
  because: 'it is active',
});

const situation = constantFrom<DnsManager>('file', 'resolved', 'resolvconf').chain((manager) =>
  record({
    manager: constant(manager),
    before: array(
      manager === 'file'
        ? option(bytes, { nil: null })
        : manager === 'resolved'
          ? link.map(formatResolvedLink)
          : constant<DnsValue>(null),
      { minLength: 2, maxLength: 2 },
    ),
    wishes: array(option(desired, { nil: null }), { minLength: 1, maxLength: 4 }),
  }),
);

/** Plans and carries out, until nothing is left; `steps`: no more than these. */
async function converge(
  manager: DnsManager,
  wish: DesiredDns | null,
  target: FakePlaces,
  journal: ReturnType<typeof memoryDnsJournal>,
  steps = 20,
): Promise<number> {
  for (let step = 0; step < steps; step += 1) {
    const basics = { manager, file, uplinks, records: journal.records };
    const values = new Map(placesToRead(basics).map((place) => [dnsPlaceKey(place), target.valueAt(place)]));
    const [operation] = planDns(wish, { ...basics, values, gone: new Set() }, calm).operations;
    if (operation === undefined) return step;
    expect(await executeDns(operation, { target, journal })).toEqual({ ok: true });
  }
  return steps;
}

test('ROUT-9: whatever stood there, and however often the active uplink changes, the same bytes are there at the end', async () => {
  await assert(
    asyncProperty(situation, async ({ manager, before, wishes }) => {
      const target = new FakePlaces(manager, uplinks, before);
      const first = target.all();
      const journal = memoryDnsJournal();
      for (const wish of wishes) {
        expect(await converge(manager, wish === null ? null : want(wish), target, journal)).toBeLessThan(20);
      }
      expect(await converge(manager, null, target, journal)).toBeLessThan(20);
      expect(target.all()).toEqual(first);
      expect(journal.records.size).toBe(0);
    }),
  );
});

test('ROUT-9: killed before, between or after any of its writes, the next run gives back what was there', async () => {
  await assert(
    asyncProperty(situation, nat(5), boolean(), async ({ manager, before, wishes }, steps, isCutShort) => {
      const target = new FakePlaces(manager, uplinks, before);
      const first = target.all();
      const journal = memoryDnsJournal();
      for (const wish of wishes) await converge(manager, wish === null ? null : want(wish), target, journal, steps);
      if (isCutShort) {
        // The record is on disk, and the process ends before anything is written.
        target.isDead = true;
        const last = wishes.at(-1) ?? null;
        await converge(manager, last === null ? null : want(last), target, journal, 1).catch(() => 'killed');
        target.isDead = false;
      }
      await converge(manager, null, target, journal);
      expect(target.all()).toEqual(first);
      expect(journal.records.size).toBe(0);
    }),
  );
});

test('ROUT-9: a rewritten resolv.conf has the given servers and none else, and keeps search list and options', () => {
  assert(
    property(bytes, desired, (text, { servers, uplink }) => {
      const rewritten = rewriteResolvConf(text, servers, uplink.name);
      expect(nameServersOf(rewritten)).toEqual(servers.slice(0, 3));
      expect(rewriteResolvConf(rewritten, servers, uplink.name)).toBe(rewritten);
      const kept = text.split('\n').filter((line) => /^(?:search|domain|options)[ \t]/u.test(line));
      const lines = rewritten.split('\n');
      expect(lines.slice(1 + Math.min(3, servers.length), -1)).toEqual(kept.map((line) => line.replace(/\r+$/u, '')));
    }),
  );
});
