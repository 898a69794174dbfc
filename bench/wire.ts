import { setTimeout as wait } from 'node:timers/promises';
import { Daemon } from '../lab/daemon.ts';
import { createLab } from '../lab/lab.ts';
import type { Namespace } from '../lab/namespace.ts';
import { targets } from '../lab/topology.ts';
import { config } from './contender.ts';
import { whenHealthy } from './cost.ts';
import type { Result } from './results.ts';

const metered = new URL('metered.toml', import.meta.url).pathname;
/** How much more often that file has wwan0 probed than the default of 5 minutes. */
const oftener = 30;
const secondsAMonth = 30 * 24 * 3600;

const families = [
  { family: 'ipv4', word: 'ip', addresses: targets.filter((address) => !address.includes(':')) },
  { family: 'ipv6', word: 'ip6', addresses: targets.filter((address) => address.includes(':')) },
] as const;

/** Counts what goes to the targets and comes from them, by interface and family, with all of the IP packet. */
async function countProbes(node: Namespace, names: readonly string[]): Promise<void> {
  await node.nft(
    'add table inet bench',
    'add chain inet bench out { type filter hook postrouting priority 300; }',
    'add chain inet bench in { type filter hook prerouting priority -300; }',
    ...names.flatMap((name) =>
      families.flatMap(({ family, word, addresses }) => {
        const counter = `${name}_${family}`;
        const far = `{ ${addresses.join(', ')} }`;
        return [
          `add counter inet bench ${counter}`,
          `add rule inet bench out oifname "${name}" ${word} daddr ${far} counter name ${counter}`,
          `add rule inet bench in iifname "${name}" ${word} saddr ${far} counter name ${counter}`,
        ];
      }),
    ),
  );
}

async function bytesByCounter(node: Namespace): Promise<ReadonlyMap<string, number>> {
  const listed = JSON.parse(await node.exec('nft', ['-j', 'list', 'counters', 'table', 'inet', 'bench'])) as {
    readonly nftables: readonly { readonly counter?: { readonly name: string; readonly bytes: number } }[];
  };
  return new Map(
    listed.nftables.flatMap(({ counter }) => (counter === undefined ? [] : [[counter.name, counter.bytes]])),
  );
}

/** What probing takes of each uplink and family; of a metered one in standby, in a month. */
export async function bytesOnTheWire(kind: 'default' | 'metered', seconds: number): Promise<Result> {
  const label = { cell: 'wire', contender: kind === 'default' ? 'backhauld' : 'backhauld, wwan0 metered in standby' };
  await using lab = await createLab();
  const daemon = new Daemon(lab, { config: kind === 'default' ? config : metered });
  await daemon.start();
  await whenHealthy(lab, daemon);
  await wait(3000);
  await countProbes(
    lab.node,
    lab.uplinks.map(({ name }) => name),
  );
  await wait(seconds * 1000);
  const counted = await bytesByCounter(lab.node);
  await daemon.stop();
  const rates = [...counted].filter(([, bytes]) => bytes > 0).map(([name, bytes]) => ({ name, rate: bytes / seconds }));
  if (kind === 'default') {
    return { ...label, series: [{ what: 'bytes/s', unit: 'bytes', values: rates.map(({ rate }) => rate) }] };
  }
  const { rate = Number.NaN } = rates.find(({ name }) => name === 'wwan0_ipv4') ?? {};
  return {
    ...label,
    note: `${((rate / oftener) * secondsAMonth * 1e-6).toFixed(2)} MB a month, from ${oftener} times the rate`,
    series: [{ what: 'bytes/s', unit: 'bytes', values: [rate / oftener] }],
  };
}
