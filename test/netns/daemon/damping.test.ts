import { describe, expect, test } from 'vitest';
import { interfaceOf, Site } from './site.ts';

/** All defaults: what is waited for is what is shown. */
const defaults = '[dns]\nmode = "none"\n';

describe.concurrent('with the defaults', () => {
  test('HLTH-1, HLTH-5: a black hole behind the active uplink is left within 9 s, and not gone back to', async () => {
    await using site = await Site.create();
    const meter = await site.lab.meter();
    await site.start(defaults);
    await site.untilActive('eth0');
    const began = performance.now();
    await site.lab.uplink('eth0').blackhole(true);
    const status = await site.untilActive('wlan0', 12_000);
    expect(performance.now() - began).toBeLessThan(9000);
    expect(status.active.ipv4?.rule).toBe('reachable');
    expect(status.active.ipv4?.because).toMatch(/wlan0 is reachable.*eth0 is not reachable.*\d/u);
    await meter.until(({ uplink, silentMs }) => uplink === 'wlan0' && silentMs < 50, 'traffic by wlan0');
    // It is back, and has to prove itself before it is trusted: probing is below up.
    await site.lab.uplink('eth0').blackhole(false);
    const isHealthy = await site.until(
      (now) => interfaceOf(now, 'eth0')?.verdict.ipv4 === 'healthy',
      'eth0 is back',
      // What was lost has to leave the window first, and a standby uplink is probed each 5 s.
      45_000,
    );
    expect(isHealthy.active.ipv4?.iface).toBe('wlan0');
    expect((await meter.report()).switches).toBe(1);
    expect(await site.daemon.stop()).toBe(0);
  });

  test('SEL-2: 20 flaps of the active uplink in 20 s cause at most 2 switches', async () => {
    await using site = await Site.create();
    const meter = await site.lab.meter();
    await site.start(defaults);
    await site.untilActive('eth0');
    await meter.report();
    meter.reset();
    await site.lab.uplink('eth0').flap(500, 500, 20);
    const report = await meter.report();
    expect(report.switches).toBeGreaterThanOrEqual(1);
    expect(report.switches).toBeLessThanOrEqual(2);
    expect(
      site.switches().filter((change) => change.startsWith('eth0 →') || change.endsWith('→ eth0')).length,
    ).toBeLessThanOrEqual(4);
    expect(report.lost).toBeLessThanOrEqual(6);
    const status = await site.daemon.status();
    expect(interfaceOf(status, 'eth0')?.damping).toMatchObject({ suppressed: true });
    expect(interfaceOf(status, 'eth0')?.damping.merit).toBeGreaterThan(2000);
    expect(await site.daemon.stop()).toBe(0);
  });

  test('SEL-1: an uplink that loses three packets in ten is left within 10 s, and not gone back to', async () => {
    await using site = await Site.create();
    await site.start(`${defaults}\n[probe]\ninterval = "2s"\n`);
    await site.untilActive('eth0');
    await site.lab.uplink('eth0').loss(30, 'both');
    const left = await site.untilActive('wlan0', 10_000);
    expect(left.active.ipv4?.because).toMatch(/wlan0 .* eth0 .*\d/u);
    const before = site.switches().length;
    const probesOf = async () => interfaceOf(await site.daemon.status(), 'eth0')?.stats.ipv4.totalProbes ?? 0;
    const enough = (await probesOf()) + 8;
    await site.until(
      (now) => (interfaceOf(now, 'eth0')?.stats.ipv4.totalProbes ?? 0) >= enough,
      'eth0 was probed on',
      15_000,
    );
    expect(
      site
        .switches()
        .slice(before)
        .filter((change) => !change.endsWith('→ wlan0')),
    ).toEqual([]);
    expect((await site.daemon.status()).active.ipv4?.iface).toBe('wlan0');
    expect(await site.daemon.stop()).toBe(0);
  });
});
