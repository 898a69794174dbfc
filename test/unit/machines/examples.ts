/** Interfaces, rounds and contenders to take as a start; each test names what matters to it. */
import type { Contender } from '../../../src/machines/selection/selection-rules.decisions.ts';
import { defaultConfig, type Config } from '../../../src/model/config.ts';
import { noDeviceFacts, type InterfaceAddress, type InterfaceFacts } from '../../../src/model/interface.ts';
import type { Round, Sample } from '../../../src/model/probe.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';

export const address = (text: string, prefixLength = 24): InterfaceAddress => ({
  address: text,
  prefixLength,
  peer: null,
});

/** An interface with carrier, 10.0.INDEX.5/24 and a default route by 10.0.INDEX.1 that a DHCP client installed. */
export function facts(overrides: Partial<InterfaceFacts> = {}): InterfaceFacts {
  const index = overrides.index ?? 2;
  return {
    index,
    name: 'eth0',
    kind: null,
    hardwareType: 1,
    isLoopback: false,
    isPointToPoint: false,
    isEnslaved: false,
    isUp: true,
    hasCarrier: true,
    mtu: 1500,
    macAddress: '02:00:00:00:00:01',
    addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [] },
    defaultRoutes: [{ family: 'ipv4', gateway: `10.0.${index}.1`, table: 254, metric: 100, protocol: 16 }],
    device: noDeviceFacts,
    ...overrides,
  };
}

export const targets = ['tcp://1.1.1.1:53', 'tcp://8.8.8.8:53'] as const;

export const answered = (target: string = targets[0], rtt = 20): Sample => ({
  target,
  rtt: milliseconds(rtt),
  failure: null,
  retransmitted: false,
});
export const lost = (target: string = targets[0]): Sample => ({
  target,
  rtt: null,
  failure: 'timeout',
  retransmitted: false,
});

export const round = (id: number, samples: readonly Sample[], cause: Round['cause'] = 'interval'): Round => ({
  id,
  startedAt: instant(0),
  cause,
  samples,
});
export const goodRound = (id: number, rtt = 20): Round =>
  round(
    id,
    targets.map((target) => answered(target, rtt)),
  );
export const badRound = (id: number): Round =>
  round(
    id,
    targets.map((target) => lost(target)),
  );

export const contender = (overrides: Partial<Contender> = {}): Contender => ({
  index: 2,
  name: 'eth0',
  isUsable: true,
  verdict: 'healthy',
  isEmergencyOnly: false,
  lifecycle: 'up',
  isSuppressed: false,
  score: 1000,
  scoreLessOneLoss: overrides.score ?? 1000,
  bias: 100,
  rounds: 10,
  lostSamples: 0,
  ...overrides,
});

/** A window of one round, and no second chance: a single round makes any verdict. */
export const hastyConfig: Config = {
  ...defaultConfig,
  probe: { ...defaultConfig.probe, window: 2, downThreshold: 1 },
};
