import { expect, test } from 'vitest';

import type { StationManager } from '../../../../src/adapters/hotspot/station-manager.ts';
import { checkRadio } from '../../../../src/adapters/doctor/radio.checks.ts';
import type { KernelView } from '../../../../src/adapters/doctor/surroundings.ts';
import { defaultConfig, type HotspotConfig } from '../../../../src/model/config.ts';
import { link } from './doctor-fixture.ts';

const none: StationManager = { kind: 'none' };

async function findings(given: {
  readonly hotspot?: Partial<HotspotConfig>;
  readonly manager?: StationManager;
  readonly kind?: string;
}) {
  const radio = { ...link(3, 'wlan0', '02:00:00:00:00:03'), kind: given.kind ?? null };
  const view: KernelView = {
    driver: 'ffi',
    state: {
      links: new Map([[3, radio]]),
      addresses: new Map(),
      routes: new Map(),
      rules: new Map(),
      neighbours: new Map(),
    },
  };
  const hotspot = { ...defaultConfig.hotspot, enabled: true, country: 'DE', ...given.hotspot };
  return checkRadio({ proc: '/nowhere' }, { hotspot }, view, async () => given.manager ?? none);
}

test('without a hotspot no radio is looked at', async () => {
  expect(await findings({ hotspot: { enabled: false } })).toEqual([]);
});

test('a radio that is not there is a problem', async () => {
  expect(await findings({ hotspot: { interface: 'wlan7' } })).toMatchObject([
    { status: 'problem', code: 'hotspot.noRadio', found: 'there is no interface called wlan7' },
  ]);
});

test('without a country nothing may be sent; a bridge sends nothing', async () => {
  expect(await findings({ hotspot: { country: null } })).toMatchObject([
    { status: 'problem', code: 'hotspot.noCountry' },
    { status: 'ok' },
  ]);
  expect(await findings({ hotspot: { country: null }, kind: 'bridge' })).toMatchObject([{ status: 'ok' }]);
});

test.each<readonly [StationManager, string, RegExp]>([
  [none, 'ok', /no other program/u],
  [{ kind: 'networkManager' }, 'ok', /^NetworkManager uses wlan0/u],
  [{ kind: 'wpaSupplicant', control: '/run/wpa_supplicant' }, 'ok', /^wpa_supplicant uses wlan0/u],
  [{ kind: 'stubborn', program: 'iwd' }, 'warning', /^iwd uses wlan0, and cannot be asked/u],
])('it says which program uses the radio: %j', async (manager, status, found) => {
  const finding = (await findings({ manager })).at(-1);
  expect(finding?.status).toBe(status);
  expect(finding?.found).toMatch(found);
});
