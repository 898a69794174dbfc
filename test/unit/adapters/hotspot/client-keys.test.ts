import { expect, test } from 'vitest';
import { ClientKeys } from '../../../../src/adapters/hotspot/client-keys.ts';

const before = { key: 1, previousKey: null, security: 'wpa2Wpa3Mixed' } as const;
const during = { key: 2, previousKey: 1, security: 'wpa2Wpa3Mixed' } as const;
const a = '02:00:00:00:00:0a';
const b = '02:00:00:00:00:0b';
const joined = (macAddress: string, keyNumber: number | null) =>
  ({ type: 'connected', macAddress, keyNumber }) as const;

test('SECU-2: who came with the key before is known to have it, and who came with the new one too', () => {
  const clients = new ClientKeys();
  clients.connect(joined(a, null), before);
  clients.connect(joined(b, 1), before);
  expect([clients.connected, clients.bySae]).toEqual([2, 1]);
  clients.disconnect(a);
  clients.connect(joined(a, null), during);
  clients.connect(joined(b, 2), during);
  expect(clients.withKey(1)).toEqual([a]);
  expect(clients.withOther(2)).toEqual([a]);
  clients.disconnect(a);
  expect(clients.withOther(2)).toEqual([]);
  expect(clients.withKey(1)).toEqual([a]);
});

test('SECU-2: while two keys are good, a client that does not get in by one is tried with the other, and back', () => {
  const clients = new ClientKeys();
  expect([clients.attempt(a, during, 0), clients.attempt(a, during, 300)]).toEqual([false, true]);
  expect(clients.withKey(1)).toEqual([a]);
  // What comes at once is still tried with the one before.
  expect([1000, 2000, 3000].map((at) => clients.attempt(a, during, at))).toEqual([false, false, false]);
  expect([10_000, 10_300].map((at) => clients.attempt(a, during, at))).toEqual([false, true]);
  expect(clients.withKey(1)).toEqual([]);
  clients.connect(joined(a, null), during);
  expect(clients.withKey(2)).toEqual([a]);
  expect(clients.attempt(a, during, 11_000)).toBe(false);
});

test('SECU-2: while one key is good, nothing else is tried; made-up addresses are not remembered without end', () => {
  const clients = new ClientKeys();
  expect([1, 2, 3].map((at) => clients.attempt(a, before, at))).toEqual([false, false, false]);
  clients.attempt(a, during, 4);
  for (let count = 0; count < 256; count += 1) clients.attempt(`x${count}`, during, 5);
  expect(clients.attempt('x255', during, 6)).toBe(true);
  expect(clients.attempt(a, during, 7)).toBe(false);
});

test('when hostapd ends nobody is on, and their keys stay known', () => {
  const clients = new ClientKeys();
  clients.connect(joined(a, null), before);
  clients.dropAll();
  expect([clients.connected, clients.bySae, clients.withKey(1)]).toEqual([0, 0, [a]]);
  clients.forget();
  expect(clients.withKey(1)).toEqual([]);
});

test('SECU-2: however many addresses somebody makes up, few are tried with another key, and who is on stays known', () => {
  const clients = new ClientKeys();
  clients.connect(joined(a, 1), during);
  for (let made = 0; made < 5000; made += 1) {
    const address = `06:00:00:00:${(made >> 8).toString(16).padStart(2, '0')}:${(made & 255).toString(16).padStart(2, '0')}`;
    clients.attempt(address, during, made * 1000);
    clients.attempt(address, during, made * 1000);
  }
  expect(clients.withKey(1).length).toBeLessThanOrEqual(256);
  expect(clients.withKey(1)).toContain(a);
});

test('SECU-2: nobody is put off because somebody else tries to join by its address', () => {
  const clients = new ClientKeys();
  clients.connect(joined(a, null), during);
  expect([0, 300, 600, 900].map((at) => clients.attempt(a, during, at))).toEqual([false, false, false, false]);
  expect(clients.withKey(2)).toEqual([a]);
});

test('SECU-2: however many try to join at the same time, hostapd is told of few', () => {
  const clients = new ClientKeys();
  let told = 0;
  for (let made = 0; made < 200; made += 1) {
    const address = `06:00:00:00:00:${made.toString(16).padStart(2, '0')}`;
    for (const at of [made, made]) if (clients.attempt(address, during, at)) told += 1;
  }
  expect(told).toBe(1);
});
