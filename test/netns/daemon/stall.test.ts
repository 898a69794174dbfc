import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Meter } from '../../../lab/meter.ts';
import type { Service } from '../../../lab/process.ts';
import { Site } from './site.ts';

/** The defaults; only the name servers are left alone. */
const defaults = '[dns]\nmode = "none"\n';

describe('HLTH-6: a router that looks alive and forwards nothing, with the default intervals', () => {
  let site: Site;
  let meter: Meter;
  beforeAll(async () => {
    site = await Site.create();
    meter = await site.lab.meter();
    await site.start(defaults);
    await meter.until(({ received, uplink }) => received > 100 && uplink === 'eth0', 'traffic flows');
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  const table = async (): Promise<string> => site.node.exec('nft', ['list', 'tables']);

  /** The outage that a black hole behind the active uplink means to the traffic, in milliseconds. */
  async function outage(): Promise<number> {
    await site.untilActive('eth0', 90_000);
    await meter.until(({ uplink, silentMs }) => uplink === 'eth0' && silentMs < 20, 'traffic flows by eth0');
    meter.reset();
    await site.lab.uplink('eth0').blackhole(true);
    await meter.until(({ uplink, silentMs }) => uplink !== 'eth0' && silentMs < 20, 'traffic leaves the black hole');
    const { outageMs } = await meter.report();
    await site.lab.uplink('eth0').blackhole(false);
    return outageMs;
  }

  test('HLTH-6: traffic leaves a silent black hole long before a probe is due', async () => {
    expect(await table()).toContain('backhauld_traffic');
    expect(await outage()).toBeLessThan(2000);
    expect(site.log().some(({ msg }) => msg.includes('eth0 → wlan0'))).toBe(true);
  });

  test('HLTH-6: a chatty router does not hide it', async () => {
    const router = site.lab.uplink('eth0').routerNamespace;
    const noise: Service[] = [
      router.spawn('ping', ['-q', '-i', '0.1', '192.168.101.2']),
      router.spawn('ping', ['-q', '-b', '-i', '0.2', '192.168.101.255']),
    ];
    expect(await outage()).toBeLessThan(2000);
    for (const service of noise) service.signal('SIGTERM');
    await Promise.all(noise.map(async (service) => service.ended));
  });

  test('HLTH-6: the counters that somebody has removed are put back, and gone at the end', async () => {
    await site.node.exec('nft', ['flush', 'ruleset']);
    const deadline = performance.now() + 20_000;
    while (!(await table()).includes('backhauld_traffic')) {
      expect(performance.now()).toBeLessThan(deadline);
    }
    await meter.close();
    await site.stop();
    expect(await table()).toBe('');
  });
});

describe('HLTH-9: with the fast profile', () => {
  test('HLTH-9: a silent black hole is left within a second, with no traffic to tell of it', async () => {
    await using site = await Site.create();
    await site.start(`profile = "fast"\n${defaults}`);
    await site.untilActive('eth0');
    const before = performance.now();
    await site.lab.uplink('eth0').blackhole(true);
    await site.untilActive('wlan0');
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
