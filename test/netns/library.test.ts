import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackhaulManager } from '../../src/main.ts';
import { enterOwnNetwork } from './own-network.ts';

enterOwnNetwork();

const ip = (...words: readonly string[]): string =>
  execFileSync('ip', words, { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env['PATH'] } });
// Link-local routes come with the carrier, in their own time.
const network = (): string =>
  ['-4', '-6']
    .map((family) => ip(family, 'rule') + ip(family, 'route'))
    .join('')
    .replaceAll(/^fe80.*\n/gmu, '');

let stateDirectory = '';
const manager = (): BackhaulManager =>
  new BackhaulManager({ probe: { targets: ['tcp://192.0.2.1:53'] } }, { stateDirectory });

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'library-'));
  ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'veth-far');
  ip('address', 'add', '192.0.2.2/24', 'dev', 'eth0');
  ip('link', 'set', 'veth-far', 'up');
  ip('link', 'set', 'eth0', 'up');
  ip('route', 'add', 'default', 'via', '192.0.2.1', 'dev', 'eth0');
});

afterEach(() => {
  ip('link', 'delete', 'eth0');
  rmSync(stateDirectory, { recursive: true });
});

test('API-1: a manager does nothing before start, routes after it, and gives the network back', async () => {
  const before = network();
  const one = manager();
  expect([one.snapshot(), one.currentBackhaul(), one.interfaceStates(), network()]).toEqual([null, null, [], before]);
  await Promise.all([one.start(), one.start()]);
  expect(one.currentBackhaul()).toMatchObject({ iface: 'eth0', state: 'down' });
  expect(one.currentBackhaul('ipv6')).toBeNull();
  expect(one.interfaceStates()).toMatchObject([{ iface: 'eth0', type: 'ethernet', isActive: true }]);
  expect(network()).toContain('lookup 200');
  await Promise.all([one.shutdown(), one.shutdown()]);
  expect([one.snapshot(), network()]).toEqual([null, before]);
});

test('API-1: a shutdown ends a start under way, and a start waits for the shutdown before it', async () => {
  const before = network();
  const one = manager();
  const started = one.start();
  await one.shutdown();
  await started;
  expect([network(), one.snapshot()]).toEqual([before, null]);

  await one.start();
  const ended = one.shutdown();
  await one.start();
  await ended;
  expect(one.currentBackhaul()).toMatchObject({ iface: 'eth0' });
  expect(network()).toContain('lookup 200');
  await one[Symbol.asyncDispose]();
  expect(network()).toBe(before);
});

test('API-1: a start that fails half-way leaves nothing behind: no route, no rule, no socket', async () => {
  const before = network();
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const first = manager();
  await first.start();
  await first.shutdown();
  const open = descriptors();
  const one = new BackhaulManager({}, { stateDirectory, controlSocket: stateDirectory });
  await expect(one.start()).rejects.toMatchObject({ code: 'control.inUse' });
  expect([network(), descriptors(), one.snapshot()]).toEqual([before, open, null]);
  await one.shutdown();
  // As JavaScript may call it.
  const other = new BackhaulManager({}, Object.assign({ stateDirectory }, { stateDirectory: undefined }));
  await expect(other.start()).rejects.toThrow('path');
  expect([network(), descriptors()]).toEqual([before, open]);
});
