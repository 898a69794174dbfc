import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Meter } from '../../../lab/meter.ts';
import type { Status } from '../../../src/model/status.ts';
import { givenBack, interfaceOf, isSettled, quick, Site } from './site.ts';

/** Leads take as long as by default to count; all else is quick. */
const patient = quick.replace('switchAfter = "0s"', 'switchAfter = "10s"');
const strict = ['eth0', 'wlan0', 'wwan0'].map((name) => `net.ipv4.conf.${name}.rp_filter=1`);

describe('ROUT-8: killed and started again', () => {
  let site: Site;
  let meters: readonly Meter[];
  beforeAll(async () => {
    site = await Site.create();
    await site.node.sysctl(...strict);
    meters = await Promise.all([site.lab.meter({ family: 'ipv4' }), site.lab.meter({ family: 'ipv6' })]);
    await site.start(patient);
    await site.pin('wlan0');
    await site.until(({ active }) => active.ipv6?.iface === 'wlan0', 'wlan0 in both families');
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('it adopts what is there within a second, without a gap, and keeps the incumbent', async () => {
    const own = await site.own();
    await site.daemon.kill();
    expect(await site.own()).toEqual(own);
    for (const meter of meters) meter.reset();

    const began = performance.now();
    // The pin died with the daemon, and eth0 has the higher bias.
    const status = await site.daemon.start();
    const readyAfterMs = performance.now() - began;
    expect(status.active).toMatchObject({ ipv4: { iface: 'wlan0' }, ipv6: { iface: 'wlan0' } });
    expect(await site.own()).toEqual(own);
    expect(await site.daemon.plan()).toEqual([]);

    await site.until(isSettled, 'every uplink has a verdict');
    const reports = await Promise.all(meters.map(async (meter) => meter.report()));
    expect(reports.map(({ lost, switches, uplink }) => ({ lost, switches, uplink }))).toEqual([
      { lost: 0, switches: 0, uplink: 'wlan0' },
      { lost: 0, switches: 0, uplink: 'wlan0' },
    ]);
    expect(readyAfterMs).toBeLessThan(3000);
  });

  test('what became of the network meanwhile is seen, and nothing of before is left over', async () => {
    await site.daemon.kill();
    await site.node.ip(
      'link delete wwan0',
      'address delete 192.168.101.2/24 dev eth0',
      'address add 192.168.101.77/24 dev eth0',
      'route add default via 192.168.101.1 dev eth0 metric 100',
      'link set wlan0 down',
      'link set wlan0 name wlan7',
    );
    await site.daemon.start();
    const isThere = (name: string) => async () =>
      site.until((now) => interfaceOf(now, name)?.verdict.ipv4 === 'healthy', `${name} is healthy`);
    await isThere('eth0')();
    const own = (await site.own()).join('\n');
    expect(own).toContain('192.168.101.77');
    expect(own).not.toMatch(/wwan0|wlan0|192\.168\.101\.2\b|192\.168\.10[23]/u);
    expect(await site.daemon.plan()).toEqual([]);
    const [meter] = meters;
    await meter?.until(({ uplink, silentMs }) => uplink === 'eth0' && silentMs < 20, 'traffic by eth0');
    expect(await site.daemon.stop()).toBe(0);
    expect(await site.own()).toEqual([]);
    expect(
      (await site.changes()).filter((line) => /rp_filter|arp_|linkdown/u.test(line) && !/wwan0|wlan[07]/u.test(line)),
    ).toEqual([]);
  });
});

/** What is held to be the same before and after, by interface. */
const opinions = ({ interfaces }: Status) =>
  Object.fromEntries(
    interfaces.map(({ name, state, since, verdict, damping: { suppressed } }) => [
      name,
      // Rounds go on: between healthy and degraded one of them may decide. And two clocks were read at different times.
      {
        state,
        failed: [verdict.ipv4 === 'failed', verdict.ipv6 === 'failed'],
        suppressed,
        since: Math.round(Date.parse(since) / 2000),
      },
    ]),
  );

test('ROUT-8: what was known survives a kill: lifecycle, verdicts and penalties are the same a second after the start', async () => {
  await using site = await Site.create();
  const slow = quick.replace('halfLife = "1s"', 'halfLife = "60s"').replace('downToProbing = "500ms"', '');
  await site.start(slow);
  await site.until(({ interfaces }) => interfaces.every(({ state }) => state === 'up'), 'every uplink is up');
  await site.lab.uplink('wlan0').flap(300, 300, 4);
  await site.lab.uplink('wwan0').blackhole(true);
  const before = await site.until(
    (now) =>
      interfaceOf(now, 'wwan0')?.state === 'down' &&
      interfaceOf(now, 'wlan0')?.damping.suppressed === true &&
      interfaceOf(now, 'wlan0')?.state === 'up',
    'wwan0 is down, wlan0 is held back',
    20_000,
  );
  const file = join(site.daemon.socket, '..', 'state', 'memory.json');
  const stored = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  await site.until(() => stored().includes('"state":"down"') && stored().includes('"isSuppressed":true'), 'it is kept');
  await site.daemon.kill();

  await site.daemon.start();
  const answered = performance.now();
  const after = await site.until(
    (now) => JSON.stringify(opinions(now)) === JSON.stringify(opinions(before)),
    `all is as it was: ${JSON.stringify(opinions(before))}`,
    5000,
  );
  expect(performance.now() - answered).toBeLessThan(1000);
  const damping = interfaceOf(after, 'wlan0')?.damping;
  expect(damping?.merit).toBeGreaterThan(1500);
  expect(damping?.merit).toBeLessThan(interfaceOf(before, 'wlan0')?.damping.merit ?? 0);
  expect(damping?.reuseInMs).toBeGreaterThan(1000);
  expect(damping?.reuseInMs).toBeLessThan(interfaceOf(before, 'wlan0')?.damping.reuseInMs ?? 0);
  expect(site.log().some(({ msg }) => msg.includes('wwan0: probing → down'))).toBe(true);
  expect(await site.daemon.stop()).toBe(0);
});

test('ROUT-8: cleanup after a kill removes everything, also with no configuration file; twice is no mistake', async () => {
  await using site = await Site.create();
  await site.node.sysctl(...strict);
  await site.start();
  const state = join(site.daemon.socket, '..', 'state', 'settings.json');
  expect((await site.changes()).length).toBeGreaterThan(30);

  const refused = await site.backhauld('cleanup');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.output).toContain('control.inUse');
  expect((await site.own()).length).toBeGreaterThan(30);

  await site.daemon.kill();
  expect(readFileSync(state, 'utf8')).toContain('"rp_filter"');
  expect(await site.backhauld('cleanup', '--json')).toMatchObject({ code: 0 });
  expect(await site.changes()).toEqual([]);
  expect(await site.backhauld('cleanup')).toMatchObject({ code: 0 });
  expect(await site.changes()).toEqual([]);
  expect(readFileSync(state, 'utf8')).not.toContain('rp_filter');
});

test('ROUT-8: ended in the middle of a storm of switches, it leaves nothing', async () => {
  await using site = await Site.create();
  await site.start();
  const names = ['wlan0', 'wwan0', 'eth0'];
  let turns = 0;
  const storm = (async () => {
    for (; site.daemon.isRunning; turns += 1) await site.daemon.pin(names[turns % 3] ?? null).catch(() => undefined);
  })();
  await site.until(() => turns > 20, 'the storm blows');
  await site.lab.uplink('wlan0').pull();
  const ended = site.daemon.stop();
  await site.lab.uplink('wlan0').plug();
  expect(await ended).toBe(0);
  await storm;
  await site.lab.uplink('wlan0').untilCarrier(true);
  expect(await site.changes()).toEqual([]);
});

test('API-2: a second daemon on the same socket ends with 1 and disturbs nothing; a stale socket is replaced', async () => {
  await using site = await Site.create();
  await site.start();
  const own = await site.own();
  const first = site.daemon;
  const home = join(first.socket, '..');
  const second = await site.backhauld('run');
  expect(second.code).toBe(1);
  expect(second.output).toContain('control.inUse');
  expect(await site.own()).toEqual(own);
  expect(await site.daemon.plan()).toEqual([]);

  await first.kill();
  expect(existsSync(first.socket)).toBe(true);
  expect(await site.backhauld('status')).toMatchObject({ code: 4 });
  await first.start();
  expect(await site.backhauld('status', '--json')).toMatchObject({ code: 0 });
  expect(home).toBe(join(site.daemon.socket, '..'));
  await site.until(isSettled, 'it knows every uplink');
  expect(await site.stop()).toEqual(givenBack);
  expect(existsSync(first.socket)).toBe(false);
});
