import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { openShaping, throttleRate } from '../../../src/engine/shaping.ts';
import { defaultConfig, defaultThrottleRate, type Config } from '../../../src/model/config.ts';
import { noNetwork } from '../../../src/model/network.ts';
import { facts } from '../machines/examples.ts';
import { bytes, instant, kilobitsPerSecond } from '../../../src/model/units.ts';

const open = (config: Config) =>
  openShaping({
    config,
    stateDirectory: join(tmpdir(), 'backhauld-no-such-directory'),
    scheduler: new VirtualTimeScheduler(),
    throttleRateOf: () => defaultThrottleRate,
    onProblem: () => undefined,
  });
const network = { interface: 'ap0', ipv4: { address: '192.168.50.1', prefixLength: 24, peer: null } };
const opened = {
  type: 'hotspot.opened',
  at: instant(0),
  opening: 1,
  network: { ...network, dhcpStart: '192.168.50.100', dhcpEnd: '192.168.50.200', ipv6: null },
} as const;

describe('what shares traffic out, as the engine has it', () => {
  test('ROUT-7: does nothing where the daemon only watches, whatever is asked for', async () => {
    const routing = { ...defaultConfig.routing, monitorOnly: true };
    const shaping = open({ ...defaultConfig, routing, relayQos: { ...defaultConfig.relayQos, enabled: true } });
    shaping.see(opened);
    shaping.want({ ...noNetwork, throttled: [7] });
    shaping.refresh();
    expect(await shaping.relay(true)).toBeNull();
    expect(shaping.plan()).toEqual([]);
    expect(await shaping.stop()).toEqual([]);
  });

  test('QOS-2: switching off what was never on costs nothing', async () => {
    const shaping = open(defaultConfig);
    expect(await shaping.relay(false)).toBeNull();
    expect(await shaping.stop()).toEqual([]);
  });

  test('TETH-5: an uplink is slowed down to what its policy says, else to the default', () => {
    expect(throttleRate(null, defaultConfig)).toBe(128_000);
    const policy = {
      kind: 'metered',
      budget: bytes(1),
      period: 'prepaid',
      startDay: 1,
      days: 1,
      atLimit: 'throttle',
    } as const;
    const uplink = {
      match: { name: 'eth0' },
      type: 'ethernet',
      gateway: { ipv4: null, ipv6: null },
      dhcp: false,
    } as const;
    const rateWith = (throttle: object): number =>
      throttleRate(facts({ name: 'eth0' }), {
        ...defaultConfig,
        uplinks: [{ ...uplink, policy: { ...policy, ...throttle } }],
      });
    expect(rateWith({ throttleRate: kilobitsPerSecond(64) })).toBe(64_000);
    expect(rateWith({})).toBe(128_000);
  });
});
