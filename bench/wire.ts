import { setTimeout as wait } from 'node:timers/promises';
import { Daemon } from '../lab/daemon.ts';
import { createLab } from '../lab/lab.ts';
import type { Namespace } from '../lab/namespace.ts';
import { targets } from '../lab/topology.ts';
import { config } from './contender.ts';
import { whenHealthy } from './cost.ts';
import type { Result } from './results.ts';

const configFile = (name: string): string => new URL(`${name}.toml`, import.meta.url).pathname;
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

interface Counted {
  readonly name: string;
  readonly bytes: number;
  readonly packets: number;
}

async function readCounters(node: Namespace): Promise<readonly Counted[]> {
  const listed = JSON.parse(await node.exec('nft', ['-j', 'list', 'counters', 'table', 'inet', 'bench'])) as {
    readonly nftables: readonly { readonly counter?: Counted }[];
  };
  return listed.nftables.flatMap(({ counter }) => (counter === undefined ? [] : [counter]));
}

/** Counts for so long what a daemon with that configuration sends, once all its uplinks are known to be healthy. */
async function countFor(seconds: number, file: string): Promise<readonly Counted[]> {
  await using lab = await createLab();
  const daemon = new Daemon(lab, { config: file });
  await daemon.start();
  await whenHealthy(lab, daemon);
  await wait(3000);
  await countProbes(
    lab.node,
    lab.uplinks.map(({ name }) => name),
  );
  await wait(seconds * 1000);
  const counted = await readCounters(lab.node);
  await daemon.stop();
  return counted.filter(({ bytes }) => bytes > 0);
}

const aMonth = (bytes: number, seconds: number): string => ((bytes / seconds) * secondsAMonth * 1e-6).toFixed(2);

/** What probing takes of each uplink and family; of a metered one in standby, in a month. */
export async function bytesOnTheWire(kind: 'default' | 'metered', seconds: number): Promise<Result> {
  const label = { cell: 'wire', contender: kind === 'default' ? 'backhauld' : 'backhauld, wwan0 metered in standby' };
  const counted = await countFor(seconds, kind === 'default' ? config : configFile('metered'));
  if (kind === 'default') {
    return {
      ...label,
      series: [{ what: 'bytes/s', unit: 'bytes', values: counted.map(({ bytes }) => bytes / seconds) }],
    };
  }
  const { bytes = Number.NaN } = counted.find(({ name }) => name === 'wwan0_ipv4') ?? {};
  return {
    ...label,
    note: `${aMonth(bytes / oftener, seconds)} MB a month, from ${oftener} times the rate`,
    series: [{ what: 'bytes/s', unit: 'bytes', values: [bytes / seconds / oftener] }],
  };
}

/** The same with nothing hastened: what an hour takes of two metered uplinks that stand by, as every user has them. */
export async function hourOfStandby(seconds: number): Promise<Result> {
  const counted = await countFor(seconds, configFile('standby'));
  const of = (uplink: string) => counted.filter(({ name }) => name.startsWith(uplink));
  const sum = (of: readonly Counted[], what: 'bytes' | 'packets') => of.reduce((all, each) => all + each[what], 0);
  const uplinks = [
    { uplink: 'wlan0', title: 'IPv4 and IPv6' },
    { uplink: 'wwan0', title: 'IPv4' },
  ];
  return {
    cell: 'hour',
    contender: 'backhauld',
    note: uplinks
      .map(({ uplink, title }) => `${title}: ${aMonth(sum(of(uplink), 'bytes'), seconds)} MB a month`)
      .join('; '),
    series: uplinks.flatMap(({ uplink, title }) => [
      { what: `bytes, ${title}`, unit: 'bytes', values: [sum(of(uplink), 'bytes')] },
      { what: `packets, ${title}`, unit: 'packets', values: [sum(of(uplink), 'packets')] },
    ]),
  };
}
