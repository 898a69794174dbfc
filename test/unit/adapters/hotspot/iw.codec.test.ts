import { describe, expect, test } from 'vitest';
import {
  channelAt,
  channelHeard,
  parseCountry,
  parseInterface,
  parseMove,
  parsePhy,
} from '../../../../src/adapters/hotspot/iw.codec.ts';

const phyInfo = `Wiphy phy0
	max # scan SSIDs: 4
	Supported interface modes:
		 * IBSS
		 * managed
		 * AP
		 * AP/VLAN
		 * monitor
	Band 1:
		Frequencies:
			* 2412 MHz [1] (20.0 dBm)
			* 2437.0 MHz [6] (20.0 dBm)
			* 2467 MHz [12] (20.0 dBm) (no IR)
			* 2484 MHz [14] (disabled)
	Band 2:
		Frequencies:
			* 5180 MHz [36] (20.0 dBm)
			* 5260 MHz [52] (20.0 dBm) (no IR, radar detection)
	Supported commands:
		 * new_interface
	valid interface combinations:
		 * #{ managed } <= 1, #{ AP, P2P-client, P2P-GO } <= 1, #{ P2P-device } <= 1,
		   total <= 3, #channels <= 1
	HT Capability overrides:
		 * MCS: ff ff ff ff ff ff ff ff ff ff
`;

describe('what iw prints', () => {
  test('tells what a radio can do', () => {
    const { supportsAccessPoint, supportsBoth, channels } = parsePhy(phyInfo);
    expect({ supportsAccessPoint, supportsBoth }).toEqual({ supportsAccessPoint: true, supportsBoth: true });
    expect([...channels.keys()]).toEqual([1, 6, 12, 14, 36, 52]);
    expect(channels.get(6)).toEqual({
      frequency: 2437,
      isDisabled: false,
      isPassive: false,
      needsRadarDetection: false,
    });
    expect(channels.get(12)).toMatchObject({ isPassive: true });
    expect(channels.get(14)).toMatchObject({ isDisabled: true });
    expect(channels.get(52)).toMatchObject({ needsRadarDetection: true });
  });

  test.each([
    ['#{ managed, AP, mesh point } <= 2048, total <= 2048, #channels <= 1', true],
    ['#{ managed, AP } <= 1, total <= 1, #channels <= 1', false],
    ['#{ managed } <= 2, #{ P2P-client } <= 1, total <= 3, #channels <= 2', false],
    ['#{ AP } <= 1, total <= 1\n\t\t * #{ managed } <= 1, #{ AP } <= 1, total <= 2, #channels <= 1', true],
    ['#{ managed, AP } <= 2, total <= 1, #channels <= 1', false],
  ])('whether it can be both at once: %s', (combination, isBoth) => {
    const text = `Wiphy phy0\n\tvalid interface combinations:\n\t\t * ${combination}\n\tDevice supports SAE\n`;
    expect(parsePhy(text).supportsBoth).toBe(isBoth);
  });

  test('that says nothing makes a radio that can do nothing', () => {
    expect(parsePhy('')).toEqual({ supportsAccessPoint: false, supportsBoth: false, channels: new Map() });
    expect(parseInterface('command failed: No such device (-19)')).toBeNull();
  });

  test('tells what an interface is, and on which channel', () => {
    const text = `Interface wlan0
	ifindex 3
	wdev 0x1
	addr 02:00:00:00:00:00
	type managed
	wiphy 0
	channel 6 (2437 MHz), width: 20 MHz (no HT), center1: 2437 MHz
	txpower 20.00 dBm
`;
    const found = { phy: 'phy0', type: 'managed', macAddress: '02:00:00:00:00:00', ssid: null, channel: 6 };
    expect(parseInterface(text)).toEqual(found);
    expect(parseInterface(text.replace('\ttype', '\tssid My \\x20Home\n\ttype'))).toEqual({
      ...found,
      ssid: 'My \\x20Home',
    });
    expect(parseInterface(text.replace(/^\tchannel.*\n/mu, ''))).toMatchObject({ channel: null });
  });

  test.each([
    ['wlan0 (phy #0): channel switch started (count=5) freq=2412 width=20 MHz', { to: 1 }],
    ['wlan0 (phy #0): channel switch started freq=5180', { to: 36 }],
    ['wlan0 (phy #0): channel switch freq=2412', { to: null }],
    ['wlan0 (phy #0): connected to 02:00:00:00:01:00', { to: null }],
    ['wlan0 (phy #0): scan finished: 2412 2437, "Home"', null],
    ['ap-wlan0 (phy #0): channel switch started (count=5) freq=2412', null],
    ['wlan01 (phy #1): channel switch started (count=5) freq=2412', null],
  ])('tells of the move of a network: %s', (line, move) => {
    expect(parseMove(line, 'wlan0')).toEqual(move);
  });

  test('tells where a network was heard last, and not where it was long ago', () => {
    const bss = (ssid: string, frequency: string, age: number): string =>
      `BSS 02:00:00:00:01:00(on wlan0)\n\tfreq: ${frequency}\n\tlast seen: ${age} ms ago\n\tSSID: ${ssid}\n`;
    const text = bss('Home', '2437', 900) + bss('Home', '2412.0', 40) + bss('Other', '2462', 0);
    expect(channelHeard(text, 'Home')).toBe(1);
    expect(channelHeard(text, 'Hom')).toBeNull();
    expect(channelHeard(bss('Home', '2412', 10_000), 'Home')).toBe(1);
    expect(channelHeard(bss('Home', '2412', 10_001), 'Home')).toBeNull();
  });

  test.each([
    [2412, 1],
    [2472, 13],
    [2484, 14],
    [5180, 36],
    [5825, 165],
    [5955, 1],
    [2400, null],
    [2413, null],
  ])('the channel of %i MHz', (frequency, channel) => {
    expect(channelAt(frequency)).toBe(channel);
  });

  test("tells the country of a radio, its own before everyone's", () => {
    const everyone = 'global\ncountry DE: DFS-ETSI\n\t(2400 - 2483 @ 40), (N/A, 20), (N/A)\n';
    expect(parseCountry(everyone, 'phy0')).toBe('DE');
    expect(parseCountry(`${everyone}\nphy#0 (self-managed)\ncountry US: DFS-FCC\n`, 'phy0')).toBe('US');
    expect(parseCountry(`${everyone}\nphy#1 (self-managed)\ncountry US: DFS-FCC\n`, 'phy0')).toBe('DE');
    expect(parseCountry('global\ncountry 00: DFS-UNSET\n', 'phy0')).toBe('00');
    expect(parseCountry('nl80211 not found.\n', 'phy0')).toBeNull();
  });
});
