import { describe, expect, test } from 'vitest';
import type { HotspotContext } from '../../../../src/machines/hotspot/hotspot.context.ts';
import { initialContext } from '../../../../src/machines/hotspot/hotspot.decisions.ts';
import { isRotationDue, remembered, withoutSleep } from '../../../../src/machines/hotspot/hotspot-key.decisions.ts';
import {
  isSearchDue,
  isYielding,
  mayTakeRadio,
  placementOf,
} from '../../../../src/machines/hotspot/hotspot-need.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { RadioFacts } from '../../../../src/model/hotspot.ts';
import { instant, later, seconds } from '../../../../src/model/units.ts';

const now = instant(1_000_000_000);
const config = { ...defaultConfig.hotspot, country: 'DE' };
const { interval, overlap } = config.security.pskRotation;
const rotating = {
  ...config,
  security: { ...config.security, pskRotation: { ...config.security.pskRotation, enabled: true } },
};
const station: RadioFacts = {
  index: 3,
  interface: 'wlan0',
  phy: 'phy0',
  supportsAccessPoint: true,
  supportsBoth: false,
  stationChannel: 6,
};
const spot = (overrides: Partial<HotspotContext> = {}): HotspotContext => ({
  ...initialContext({
    config,
    radio: station,
    mode: 'auto',
    memory: null,
    wayOut: null,
    isRadioUplink: true,
    at: now,
  }),
  ...overrides,
});

describe('the radio of the hotspot', () => {
  test('is taken from its network only when nothing is reachable, or when it can be both', () => {
    const taken = (overrides: Partial<HotspotContext>) => mayTakeRadio(spot({ wayOut: 'eth0', ...overrides }));
    expect(taken({}), 'it has a network').toBe(false);
    expect(taken({ wayOut: null }), 'nothing is reachable').toBe(true);
    expect(taken({ isRadioUplink: false }), 'its network is no uplink').toBe(true);
    expect(taken({ radio: { ...station, stationChannel: null } }), 'it has none').toBe(true);
    expect(taken({ radio: { ...station, supportsBoth: true } }), 'it can be both').toBe(true);
  });

  test('is shared where it can be both, and has a network or is to have one', () => {
    const place = (radio: Partial<RadioFacts>, isRadioUplink: boolean) =>
      placementOf(spot({ radio: { ...station, ...radio }, isRadioUplink }));
    const both = { supportsBoth: true } as const;
    expect([place(both, true), place(both, false)]).toEqual(['beside', 'beside']);
    expect([place({ ...both, stationChannel: null }, true), place({ ...both, stationChannel: null }, false)]).toEqual([
      'beside',
      'alone',
    ]);
    expect([place({}, true), place({ phy: null }, true)]).toEqual(['alone', 'bridge']);
  });

  test('is given back to look for its network while nobody would miss the access point', () => {
    const wanted = { placement: 'alone', channel: 6, radio: 'wlan0', because: 'nothing else is reachable' } as const;
    const beside = { ...wanted, placement: 'beside' } as const;
    const given = (overrides: Partial<HotspotContext>) => isYielding(spot({ wanted, ...overrides }));
    expect(given({})).toBe(true);
    const reasons: readonly Partial<HotspotContext>[] = [
      { wanted: null },
      { isRadioUplink: false },
      { clients: 1 },
      { wayOut: 'eth0' },
      { mode: 'off' },
      { radio: null },
      { wanted: beside },
    ];
    expect(reasons.filter(given)).toEqual([]);
    const lost = { ...station, supportsBoth: true, stationChannel: null };
    expect(given({ wanted: beside, radio: lost }), 'held to a channel').toBe(true);
  });

  test('has to look for its network after it was closed for that, unless all is well or off by then', () => {
    const closing = { because: 'it looks for its network', isSearch: true };
    const due = (overrides: Partial<HotspotContext>) => isSearchDue(spot({ closing, ...overrides }));
    expect(due({})).toBe(true);
    const reasons: readonly Partial<HotspotContext>[] = [
      { closing: null },
      { closing: { ...closing, isSearch: false } },
      { wayOut: 'eth0' },
      { mode: 'off' },
      { radio: null },
    ];
    expect(reasons.filter(due)).toEqual([]);
  });
});

describe('the key of the hotspot', () => {
  test('that the run before gave to clients lets those with the one before in until its time is over', () => {
    const known = (key: number, rotatedAt: number) => remembered(spot(), key, instant(rotatedAt), now);
    const endsAt = later(now, seconds(1));
    const lately = endsAt - overlap;
    expect(known(2, lately)).toEqual({ key: 2, rotatedAt: lately, previousKey: 1, previousEndsAt: endsAt });
    expect(known(1, lately), 'there was none before').toMatchObject({ previousKey: null, previousEndsAt: null });
    expect(known(5, now - overlap)).toMatchObject({ key: 5, previousKey: null, previousEndsAt: null });
  });

  test('grows old while the machine is asleep, and so does the one before', () => {
    const before = { ...spot(), rotatedAt: instant(900_000), previousEndsAt: instant(950_000) };
    expect(withoutSleep(before, seconds(60))).toEqual({ rotatedAt: 840_000, previousEndsAt: 890_000 });
    expect(withoutSleep({ ...before, previousEndsAt: null }, seconds(60)).previousEndsAt).toBeNull();
  });

  test('is changed when its time is over, and only where it is to be', () => {
    const due = (used: number, how = rotating) =>
      isRotationDue(spot({ config: how, rotatedAt: instant(0), rotationTimerAt: instant(used) }));
    expect([due(interval - 1), due(interval), due(interval, config)]).toEqual([false, true, false]);
  });
});
