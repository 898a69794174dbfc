import { expect, test } from 'vitest';
import { defaultConfig, defaultMeteredPolicy, noGateways } from '../../../src/model/config.ts';
import type { Family } from '../../../src/model/family.ts';
import { address, facts } from '../machines/examples.ts';
import { NodeBench } from '../machines/node-bench.ts';
import { probeBench } from './probe-bench.ts';

const month = 30 * 86_400_000;
/**
 * Bytes of one probe at the IP level, both directions: SYN, SYN/ACK and what ends it. Those of IPv4 are measured (`npm run
 * bench`, cell `wire`: 2.97 MB a month at one round of two probes each 300 s); an IPv6 header has 20 bytes more.
 */
const bytesPerProbe = { ipv4: 172, ipv6: 172 + 3 * 20 } as const;

/** wwan0, which is metered and stands by beside eth0. */
function standby(families: readonly Family[]) {
  const policy = defaultMeteredPolicy;
  const uplinks = [{ match: { name: 'wwan0' }, type: null, gateway: noGateways, dhcp: false, policy }];
  const node = new NodeBench({ ...defaultConfig, uplinks });
  for (const [index, name] of [
    [2, 'eth0'],
    [4, 'wwan0'],
  ] as const) {
    const plain = facts({ index, name });
    const six = { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 } as const;
    const hasSix = families.includes('ipv6');
    node.find({
      ...plain,
      addresses: { ...plain.addresses, ipv6: hasSix ? [address(`2001:db8:${index}::5`, 64)] : [] },
      defaultRoutes: hasSix ? [...plain.defaultRoutes, six] : plain.defaultRoutes,
    });
  }
  node.observe();
  return node.context.intent.probes.filter(({ index }) => index === 4);
}

async function bytesInAMonth(families: readonly Family[], seed: number): Promise<number> {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const { time, prober } = probeBench({ intents: standby(families), random });
  await time.run(month);
  return prober.sent.reduce((sum, { target }) => sum + bytesPerProbe[target.includes('[') ? 'ipv6' : 'ipv4'], 0);
}

test('HLTH-8: a metered uplink that stands by is probed with at most 5 MB a month', { timeout: 30_000 }, async () => {
  const bytes = await bytesInAMonth(['ipv4'], 1);
  expect(bytes).toBeGreaterThan(2_500_000);
  expect(bytes).toBeLessThan(5_000_000);
});

test('HLTH-8: with both families it is not more, for they share the rounds', { timeout: 30_000 }, async () => {
  expect(standby(['ipv4', 'ipv6']).map(({ family, role }) => `${family} ${role}`)).toEqual([
    'ipv4 standby',
    'ipv6 standby',
  ]);
  const bytes = await bytesInAMonth(['ipv4', 'ipv6'], 2);
  expect(bytes).toBeGreaterThan(2_500_000);
  expect(bytes).toBeLessThan(5_000_000);
});
