import { expect, test } from 'vitest';
import {
  countLeases,
  isStarted,
  parseDnsmasqVersion,
  tellsOfClients,
} from '../../../../src/adapters/hotspot/dnsmasq.lines.ts';
import { netmask } from '../../../../src/adapters/hotspot/dnsmasq.config.ts';
import { checkKeys } from '../../../../src/adapters/hotspot/hostapd.config.ts';
import { frequencyOf, parseHostapdLine, parseHostapdVersion } from '../../../../src/adapters/hotspot/hostapd.lines.ts';
import { besideAddress } from '../../../../src/adapters/hotspot/radio.part.ts';
import { lastWords } from '../../../../src/adapters/hotspot/service.ts';
import { droppingChains } from '../../../../src/adapters/hotspot/filter.part.ts';
import { captiveAnswer, captiveNames } from '../../../../src/adapters/hotspot/captive-checks.ts';
import type { AccessPointPart } from '../../../../src/model/hotspot-parts.ts';

test('hostapd tells of itself and of its clients', () => {
  expect(parseHostapdLine('wlan0: AP-ENABLED ')).toEqual({ type: 'enabled' });
  expect(parseHostapdLine('wlan0: AP-DISABLED')).toEqual({ type: 'disabled' });
  expect(parseHostapdLine('wlan0: AP-STA-CONNECTED 02:00:00:00:0A:00')).toEqual({
    type: 'connected',
    macAddress: '02:00:00:00:0a:00',
    keyNumber: null,
  });
  expect(parseHostapdLine('wlan0: AP-STA-CONNECTED 02:00:00:00:01:00 keyid=key-12')).toMatchObject({ keyNumber: 12 });
  expect(parseHostapdLine('wlan0: AP-STA-DISCONNECTED 02:00:00:00:01:00')).toMatchObject({ type: 'disconnected' });
  expect(parseHostapdLine('wlan0: STA 02:00:00:00:01:00 IEEE 802.11: associated')).toBeNull();
  expect(parseHostapdVersion('hostapd v2.10\nUser space daemon')).toEqual([2, 10]);
  expect(parseHostapdVersion('hostapd v2.11-devel')).toEqual([2, 11]);
  expect(parseHostapdVersion('')).toBeNull();
});

test('a channel has a frequency', () => {
  expect([1, 6, 13, 14, 36, 165].map(frequencyOf)).toEqual([2412, 2437, 2472, 2484, 5180, 5825]);
});

test('dnsmasq tells when it serves, and when clients come and go', () => {
  expect(isStarted('dnsmasq[12]: started, version 2.90 cachesize 1000')).toBe(true);
  expect(isStarted('dnsmasq[12]: failed to create listening socket')).toBe(false);
  expect(tellsOfClients('dnsmasq-dhcp[1]: DHCPACK(br0) 192.168.50.101 02:00:00:00:00:01 phone')).toBe(true);
  expect(tellsOfClients('dnsmasq-dhcp[1]: DHCPDISCOVER(br0) 02:00:00:00:00:01')).toBe(false);
  expect(parseDnsmasqVersion('Dnsmasq version 2.90  Copyright')).toEqual([2, 90]);
});

test('clients are counted by leases that last, IPv4 alone, each once', () => {
  const leases = [
    '1000 02:00:00:00:00:01 192.168.50.101 phone 01:02:00:00:00:00:01',
    '999 02:00:00:00:00:02 192.168.50.102 * *',
    '0 02:00:00:00:00:03 192.168.50.103 * *',
    'duid 00:01:00:01',
    '2000 123 fd00::5 * 00:01',
    'garbage',
    '',
  ].join('\n');
  expect(countLeases(leases, 999)).toBe(2);
  expect(countLeases('', 0)).toBe(0);
});

test('a prefix length is a mask', () => {
  expect([8, 20, 24, 30].map(netmask)).toEqual(['255.0.0.0', '255.255.240.0', '255.255.255.0', '255.255.255.252']);
});

test('an interface beside another has an address of its own, locally administered', () => {
  expect(besideAddress('b8:27:eb:01:02:03')).toBe('ba:27:eb:01:02:03');
  expect(besideAddress('02:00:00:00:00:00')).toBe('02:00:00:00:00:80');
});

test('SECU-4: last words hold no secret, and nothing that moves a cursor', () => {
  const words = lastWords({ code: 1, signal: null, lastWords: ["Invalid PSK 'S3cret-pass'", '\u001B[2Joops'] }, [
    'S3cret-pass',
  ]);
  expect(words).toBe("ended with 1; its last words: Invalid PSK '[redacted]' /  [2Joops");
  expect(lastWords({ code: null, signal: 'SIGKILL', lastWords: [] }, [])).toBe('was ended by SIGKILL');
});

test('chains of others that drop what is forwarded are found', () => {
  const chain = (more: object) => ({
    chain: { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', ...more },
  });
  const json = JSON.stringify({
    nftables: [{ metainfo: {} }, chain({ policy: 'drop' }), chain({ policy: 'accept', name: 'x' })],
  });
  expect(droppingChains(json)).toEqual(['ip filter FORWARD']);
  expect(droppingChains('')).toEqual([]);
  expect(droppingChains('[]')).toEqual([]);
});

test('AP-4: each check is answered as its maker does, by name and path; what is not known is not', () => {
  expect(captiveAnswer('connectivitycheck.gstatic.com', '/generate_204')).toMatchObject({ status: 204, body: '' });
  expect(captiveAnswer('www.msftconnecttest.com', '/connecttest.txt')).toMatchObject({
    body: 'Microsoft Connect Test',
  });
  expect(captiveAnswer('captive.apple.com', '/')).toMatchObject({ status: 200, type: 'text/html' });
  expect(captiveAnswer('192.168.50.1', '/')).toBeNull();
  expect(captiveAnswer('x', '/constructor')).toBeNull();
  expect(new Set(captiveNames).size).toBe(captiveNames.length);
});

test('SECU-1: keys that hostapd would misread are refused, and not shown', () => {
  const part = (security: AccessPointPart['security']): AccessPointPart => ({
    kind: 'accessPoint',
    interface: 'wlan0',
    ssid: 'x',
    country: 'DE',
    channel: 6,
    security,
    key: 1,
    previousKey: null,
    maxClients: 10,
    isIsolated: true,
  });
  const check = (security: AccessPointPart['security'], ...keys: readonly string[]) =>
    checkKeys(
      part(security),
      keys.map((passphrase, number) => ({ number, passphrase })),
    );
  expect(check('wpa2Psk', '12345678', 'x'.repeat(63), 'a'.repeat(64))).toBeNull();
  expect(check('open')).toBeNull();
  for (const bad of ['1234567', 'x'.repeat(64), 'ünlautig', 'new\nline=1', '']) {
    expect(check('wpa2Psk', bad)).toMatchObject({ code: 'config.invalid' });
  }
  expect(check('wpa2Psk')).toMatchObject({ message: 'there is none' });
  expect(check('wpa3Sae', 'a'.repeat(64))).not.toBeNull();
  expect(check('wpa2Wpa3Mixed', 'one|mac=02:00')).not.toBeNull();
  expect(check('wpa2Wpa3Mixed', 'one|mac=02:00')?.message).not.toContain('02:00');
});
