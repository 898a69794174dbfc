import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/machines/interface/classification.decisions.ts';
import type { LeaseContext, LeaseFact } from '../../../../src/machines/lease/lease.context.ts';
import {
  consequences,
  hasExpired,
  initialContext,
  isManagedElsewhere,
  isRested,
  managedElsewhere,
  noAnswer,
  retryBackOff,
  stageOf,
  takeIn,
  timeoutOf,
  withLease,
} from '../../../../src/machines/lease/lease.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { InterfaceFacts } from '../../../../src/model/interface.ts';
import type { Verdict } from '../../../../src/model/probe.ts';
import { instant, minutes, seconds } from '../../../../src/model/units.ts';
import { address } from '../examples.ts';
import { lease, managedFacts, noAddresses, phone } from '../phone-bench.ts';

const linked = { isUp: true, hasCarrier: true } as const;
const usb0 = phone(linked);
const at = instant(60_000);
const fresh = initialContext({
  config: defaultConfig,
  classification: classify(usb0, defaultConfig),
  facts: usb0,
  request: 3,
  lease: null,
  own: [],
  at,
});
const granted = lease({ duration: minutes(10) });
const bound: LeaseFact = { type: 'lease.bound', index: 5, lease: granted, at };
const held: LeaseContext = { ...fresh, ...withLease(fresh, bound) };
const addressed = (...addresses: readonly string[]): Partial<InterfaceFacts> => ({
  addresses: { ipv4: addresses.map((one) => address(one)), ipv6: [] },
});

describe('TETH-2: who has the address of an interface', () => {
  test('is another manager where a DHCP client has left a route of IPv4; routers announce those of IPv6', () => {
    const facts = phone(addressed());
    const route = { table: 254, metric: 100, protocol: 16 };
    const by = (family: 'ipv4' | 'ipv6', protocol = 16): boolean =>
      isManagedElsewhere({ ...facts, defaultRoutes: [{ ...route, family, gateway: '10.0.0.1', protocol }] }, [], true);
    expect([by('ipv4'), by('ipv4', 4), by('ipv6')]).toEqual([true, false, false]);
  });

  test('is another manager where there is an address that was never leased here, unless a lease is held', () => {
    const by = (own: readonly string[], isHeld: boolean): boolean =>
      isManagedElsewhere(phone(addressed('192.168.42.17', '192.168.42.18')), own, isHeld);
    expect(by(['192.168.42.17'], false)).toBe(true);
    expect(by(['192.168.42.17', '192.168.42.18'], false)).toBe(false);
    expect(by([], true)).toBe(false);
  });

  test('is nobody’s question while the link is down or has no carrier', () => {
    const stage = (overrides: Partial<InterfaceFacts>) =>
      stageOf({ ...fresh, facts: phone({ ...managedFacts, ...overrides }) });
    expect([stage({}), stage({ isUp: false }), stage({ hasCarrier: false }), stage(noAddresses)]).toEqual([
      'managed',
      'away',
      'away',
      'free',
    ]);
  });
});

describe('DISC-6: an address that was leased', () => {
  const seen = (context: LeaseContext, overrides: Partial<InterfaceFacts>): LeaseContext =>
    takeIn(context, { type: 'interface.changed', facts: phone({ ...linked, ...overrides }), at: instant(61_000) });

  test('is known as one’s own while it is there, or its lease is held, and no longer', () => {
    expect(seen(held, noAddresses).own, 'it is put back').toEqual(['192.168.42.17']);
    const refused = { ...held, lease: null };
    expect(seen(refused, addressed('192.168.42.17', '10.0.0.9')).own).toBe(held.own);
    expect(seen(refused, addressed('10.0.0.9')).own).toEqual([]);
    const another = { ...held, own: ['10.0.0.9', '192.168.42.17'] };
    expect(seen(another, addressed('192.168.42.17')).own).toEqual(['192.168.42.17']);
    expect(seen(held, {}).now).toBe(61_000);
  });

  test('joins those that were leased before, each once', () => {
    const again = withLease(held, { ...bound, at: instant(70_000) });
    expect(again).toMatchObject({ own: held.own, now: 70_000, expiresAt: 670_000 });
    expect(again.lease, 'renewed as it was, it is the same').toBe(held.lease);
    const other = lease({ address: '10.0.0.9', duration: null });
    expect(withLease({ ...held, failures: 4, wasManaged: true }, { ...bound, lease: other })).toEqual({
      now: 60_000,
      lease: other,
      expiresAt: null,
      own: ['192.168.42.17', '10.0.0.9'],
      failures: 0,
      wasManaged: false,
      problem: null,
    });
    expect(withLease(held, { type: 'way.judged', verdict: 'healthy', at })).toEqual({});
  });
});

describe('DISC-6: what has happened to a lease', () => {
  const verdicts: readonly Verdict[] = ['unknown', 'healthy', 'degraded', 'failed'];
  const words = (before: LeaseContext, fact: LeaseFact): readonly string[] =>
    consequences(before, takeIn(before, fact), fact).map(({ type }) => type);

  test('is told by the verdict on its way: doubted when that fails, believed when something has answered', () => {
    const told = verdicts.flatMap((before) =>
      verdicts.flatMap((verdict) =>
        words({ ...held, verdict: before }, { type: 'way.judged', verdict, at }).map(
          (word) => `${before} → ${verdict}: ${word}`,
        ),
      ),
    );
    expect(told).toEqual([
      'unknown → healthy: lease.vindicated',
      'unknown → failed: lease.doubted',
      'healthy → failed: lease.doubted',
      'degraded → healthy: lease.vindicated',
      'degraded → failed: lease.doubted',
      'failed → healthy: lease.vindicated',
      'failed → degraded: lease.vindicated',
    ]);
  });

  test('is doubted when its gateway does not answer as a neighbour, in IPv4 alone', () => {
    const suspected = (family: 'ipv4' | 'ipv6', signal: 'neighbourFailed' | 'stalled') =>
      words(held, { type: 'uplink.suspected', index: 5, family, signal, at });
    expect(suspected('ipv4', 'neighbourFailed')).toEqual(['lease.doubted']);
    expect(suspected('ipv6', 'neighbourFailed')).toEqual([]);
    expect(suspected('ipv4', 'stalled')).toEqual([]);
  });

  test('is told by the link once, not while it stays as it is', () => {
    const change = (overrides: Partial<InterfaceFacts>) =>
      words(fresh, { type: 'interface.changed', facts: phone({ ...linked, ...overrides }), at });
    expect(change({ mtu: 1400 })).toEqual([]);
    expect(change({ hasCarrier: false })).toEqual(['link.away']);
    expect(change(managedFacts)).toEqual(['manager.found']);
  });

  test('is that it has aged by a sleep, and by nothing else', () => {
    const slept: LeaseFact = { type: 'node.resumed', slept: seconds(60), at };
    expect(takeIn(held, slept).expiresAt).toBe(600_000);
    expect(takeIn({ ...held, expiresAt: null }, slept).expiresAt).toBeNull();
    expect(takeIn(held, bound).expiresAt).toBe(660_000);
    expect(words(held, slept)).toEqual(['time.passed']);
    const ends = (expiresAt: number | null) =>
      hasExpired({ ...held, expiresAt: expiresAt === null ? null : instant(expiresAt) });
    expect([ends(null), ends(59_999), ends(60_000), ends(60_001)]).toEqual([false, true, true, false]);
  });
});

describe('DISC-6: asking for a lease', () => {
  test('is done anew after 10 s at the earliest, the first time at once', () => {
    expect(isRested(fresh)).toBe(true);
    const asked = (ago: number) => isRested({ ...fresh, requestedAt: instant(at - ago) });
    expect([asked(9999), asked(10_000)]).toEqual([false, true]);
  });

  test('in vain is repeated after 5 s, twice as long each time, and after 5 min at most', () => {
    const waits = [0, 1, 2, 3, 6, 7, 8, 500].map((failures) => retryBackOff({ failures }) / 1000);
    expect(waits).toEqual([5, 5, 10, 20, 160, 300, 300, 300]);
  });

  test('waits for as long as the settings of a tether say, and 30 s where there are none', () => {
    const usbTether = { ...defaultConfig.usbTether, dhcpTimeout: seconds(7) };
    const config = { ...defaultConfig, usbTether };
    expect(timeoutOf({ ...fresh, config })).toBe(7000);
    const classification = { ...fresh.classification, type: 'ethernet' } as const;
    expect(timeoutOf({ config, classification })).toBe(30_000);
  });

  test('says what is wrong, and what can be done about it', () => {
    expect(noAnswer(fresh)).toEqual({
      code: 'lease.none',
      message: 'no DHCP server on usb0 has granted a lease within 30 s',
      remedy: 'it is asked for further on; see whether the device shares its connection',
      subject: 'usb0',
    });
    expect(managedElsewhere(fresh)).toEqual({
      code: 'uplink.managedElsewhere',
      message: 'another manager holds the address of usb0',
      remedy: 'it is used as it is; take the interface out of that manager’s hands to have backhauld hold the lease',
      subject: 'usb0',
    });
  });
});
