import type { HotspotQosConfig, RelayQosConfig } from '../../model/config.ts';
import { families } from '../../model/family.ts';
import type { NetworkIntent } from '../../model/network.ts';
import {
  classMinors,
  type DesiredClass,
  type DesiredShaping,
  type DesiredSorting,
  type DesiredTree,
  type SlowedLink,
} from '../../model/shaping.ts';
import { bitsPerSecond, formatRate, type BitsPerSecond } from '../../model/units.ts';

/** What traffic is shared out for. */
export interface ShapingWishes {
  readonly network: NetworkIntent;
  /** The interface that clients are on; null: there is no hotspot. */
  readonly hotspot: string | null;
  /** Whether relayed traffic is shared out on the active uplink. */
  readonly isRelaying: boolean;
}

export interface ShapingSettings {
  readonly hotspot: HotspotQosConfig;
  readonly relay: RelayQosConfig;
  /** The rate of an uplink whose budget is used up, by ifindex. */
  readonly throttleRateOf: (index: number) => BitsPerSecond;
}

/** HTB knows no rate of nothing. */
const leastRate = bitsPerSecond(8000);
const [first, second, third] = classMinors;

/** How traffic shall be shared out. Pure. */
export function desiredShaping(wishes: ShapingWishes, settings: ShapingSettings): DesiredShaping {
  const slowed = slowedLinks(wishes, settings);
  const relays = relayInterfaces(wishes).filter((name) => slowed.every((one) => one.interface !== name));
  const hotspot = settings.hotspot.enabled ? wishes.hotspot : null;
  const trees = [
    ...(hotspot === null ? [] : [hotspotTree(hotspot, settings.hotspot)]),
    ...relays.map((name) => relayTree(name, settings.relay)),
    ...slowed.map(slowedTree),
  ];
  if (trees.length === 0) return { trees, sorting: null };
  const { control, interactive, bulk } = settings.hotspot;
  const sorting: DesiredSorting = {
    hotspot:
      hotspot === null
        ? null
        : {
            interface: hotspot,
            classes: [
              { minor: first, dscp: control.dscp, ports: control.ports },
              { minor: second, dscp: interactive.dscp, ports: interactive.ports },
              { minor: third, dscp: bulk.dscp, ports: bulk.ports },
            ],
          },
    relay:
      relays.length === 0
        ? null
        : { interfaces: relays, nodeMinor: first, relayMinor: second, nodeDscp: settings.relay.dscp },
    slowed,
    because: `packets are sorted for ${trees.map((tree) => tree.interface).join(', ')}`,
  };
  return { trees, sorting };
}

/**
 * What each class is sure of, most important first. What the ceiling has no room for is cut: where all were given what
 * they ask for, HTB would send more than the ceiling, and the queue would be somewhere else, where nobody sorts it.
 */
export function shareOut(ceiling: BitsPerSecond, rates: readonly BitsPerSecond[]): readonly BitsPerSecond[] {
  let left: number = ceiling;
  return rates.map((rate, at) => {
    const kept = leastRate * (rates.length - 1 - at);
    const share = wholeBytes(Math.max(leastRate, Math.min(rate, left - kept)));
    left -= share;
    return share;
  });
}

/** The kernel counts in bytes a second. */
const wholeBytes = (rate: number): BitsPerSecond => bitsPerSecond(Math.floor(rate / 8) * 8);

type Wanted = Pick<DesiredClass, 'name' | 'rate'>;

function treeOf(
  name: string,
  highest: BitsPerSecond,
  wanted: readonly [Wanted, Wanted, Wanted?],
  because: string,
): DesiredTree {
  const ceiling = wholeBytes(highest);
  const present = wanted.filter((one) => one !== undefined);
  const rates = shareOut(
    ceiling,
    present.map(({ rate }) => rate),
  );
  const classes = present.map((one, at) => ({
    name: one.name,
    minor: classMinors[at] ?? third,
    rate: rates[at] ?? leastRate,
    priority: at,
  }));
  return { interface: name, ceiling, classes, defaultMinor: classes.at(-1)?.minor ?? third, because };
}

const hotspotTree = (name: string, { maxBandwidth, control, interactive, bulk }: HotspotQosConfig): DesiredTree =>
  treeOf(
    name,
    maxBandwidth,
    [
      { name: 'control', rate: control.rate },
      { name: 'interactive', rate: interactive.rate },
      { name: 'bulk', rate: bulk.rate },
    ],
    `the clients of the hotspot share ${formatRate(maxBandwidth)}`,
  );

const relayTree = (name: string, { relayMin, relayMax, nodeMin }: RelayQosConfig): DesiredTree =>
  treeOf(
    name,
    relayMax,
    [
      { name: 'node', rate: nodeMin },
      { name: 'relay', rate: relayMin },
    ],
    `${name} is the active uplink: the node and those it relays for share ${formatRate(relayMax)}`,
  );

/** Small packets have a share of their own: probes shall tell of the link, not of how much is waiting here. */
const slowedTree = ({ interface: name, rate }: SlowedLink): DesiredTree =>
  treeOf(
    name,
    rate,
    [
      { name: 'small packets', rate: bitsPerSecond(rate / 4) },
      { name: 'the rest', rate },
    ],
    `the budget of ${name} is used up: it is slowed down to ${formatRate(rate)}`,
  );

const slowedLinks = ({ network }: ShapingWishes, { throttleRateOf }: ShapingSettings): readonly SlowedLink[] =>
  network.uplinks
    .filter(({ index }) => network.throttled?.includes(index) === true)
    .map(({ index, name }) => ({ interface: name, rate: throttleRateOf(index) }));

/** The active uplink of each family: often the same. */
function relayInterfaces({ network, isRelaying }: ShapingWishes): readonly string[] {
  if (!isRelaying) return [];
  const active = families.flatMap((family) => network.ranking[family][0]?.index ?? []);
  return network.uplinks.filter(({ index }) => active.includes(index)).map(({ name }) => name);
}
