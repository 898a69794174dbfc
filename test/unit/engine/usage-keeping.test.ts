import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openUsage } from '../../../src/engine/usage-keeping.ts';
import { defaultConfig, defaultMeteredPolicy, noGateways } from '../../../src/model/config.ts';
import type { LinkCounters } from '../../../src/model/kernel.ts';
import { bytes, instant } from '../../../src/model/units.ts';
import { facts } from '../machines/examples.ts';

/** wwan0 with a budget of 1,000 bytes, its counters at zero. */
function place() {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'backhauld-usage-'));
  onTestFinished(() => rmSync(stateDirectory, { recursive: true, force: true }));
  const policy = { ...defaultMeteredPolicy, budget: bytes(1000) };
  const uplink = { match: { name: 'wwan0' }, type: null, gateway: noGateways, dhcp: false, policy };
  let shown: LinkCounters = { receivedPackets: 0, sentPackets: 0, receivedBytes: 0, sentBytes: 0 };
  const usage = openUsage(
    { ...defaultConfig, uplinks: [uplink] },
    { stateDirectory, controlSocket: null },
    { counters: () => shown, finalCounters: () => null },
    { note: () => undefined, solve: () => undefined, has: () => false, all: () => [] },
    () => 0,
  );
  usage.counter.found(facts({ index: 4, name: 'wwan0' }), true, instant(0));
  const carry = (sentBytes: number): void => {
    shown = { ...shown, sentBytes: shown.sentBytes + sentBytes };
  };
  const used = (): readonly number[] => {
    usage.counter.look(instant(1000));
    return usage.budgets().map(({ usedBytes }) => usedBytes);
  };
  return { usage, carry, used };
}

test('TETH-4: what was sent before a budget is set back does not count after, though nobody had looked yet', () => {
  const { usage, carry, used } = place();
  carry(1200);
  expect(used()).toEqual([1200]);
  carry(5000);
  expect(usage.reset('wwan0')).toBeNull();
  expect(used()).toEqual([0]);
  carry(300);
  expect(used()).toEqual([300]);
});

test('TETH-4: what the provider says is used holds from the moment it is said', () => {
  const { usage, carry, used } = place();
  carry(400);
  expect(usage.set('wwan0', 700)).toBeNull();
  expect(used()).toEqual([700]);
  carry(50);
  expect(used()).toEqual([750]);
});
