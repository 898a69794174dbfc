import { createHash } from 'node:crypto';
import { ownMajor, classMinors, type DesiredSorting, type SlowedLink, type SortedClass } from '../../model/shaping.ts';
import { nftString } from '../netfilter/nft-string.ts';

/** Every table that is backhauld's own begins with its name. */
export const sortingTable = 'backhauld_qos';

/** Packets up to this size, in bytes, are handshakes, acknowledgements and probes: a slowed link carries them at once. */
const smallPacket = 128;
/** What a slowed link may receive at once, in bytes: no less than the largest packet that the kernel puts together. */
const leastBurst = 70_000;

const [smallMinor, restMinor] = classMinors;

/** A packet's priority is the number of its class: HTB takes it from there, in both families and without filters. */
const classify = (minor: number): string => `meta priority set 0x${ownMajor.toString(16)}${hex(minor, 4)}`;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const mark = (dscp: number): readonly string[] => [`ip dscp set ${dscp}`, `ip6 dscp set ${dscp}`];
const setOf = (things: readonly (string | number)[]): string => `{ ${things.join(', ')} }`;

/**
 * A ruleset, for `nft -f`, that sorts packets into classes and marks them. The whole table is replaced in one
 * transaction. The name of an empty chain tells what it was made from.
 */
export function sortingRuleset(sorting: DesiredSorting): string {
  const body = bodyOf(sorting);
  const lines = [
    `table inet ${sortingTable}`,
    `delete table inet ${sortingTable}`,
    `table inet ${sortingTable} {`,
    `chain ${fingerprintOf(body)} {`,
    '}',
    ...body,
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

/** Whether a table, as nft lists it, was made from this. */
export const isMadeFrom = (listed: string, sorting: DesiredSorting): boolean =>
  listed.includes(`chain ${fingerprintOf(bodyOf(sorting))} {`);

const fingerprintOf = (body: readonly string[]): string =>
  `made_${createHash('sha256').update(body.join('\n')).digest('hex').slice(0, 16)}`;

function bodyOf({ hotspot, relay, slowed }: DesiredSorting): readonly string[] {
  const clients = hotspot === null ? null : nftString(hotspot.interface);
  const relays = relay === null ? null : setOf(relay.interfaces.map(nftString));
  const slow = slowed.length === 0 ? null : setOf(slowed.map((one) => nftString(one.interface)));
  const chain = (name: string, hook: string, rules: readonly string[]): readonly string[] => [
    `chain ${name} {`,
    `type filter hook ${hook}; policy accept;`,
    ...rules,
    '}',
  ];
  const slowing =
    slow === null
      ? []
      : [`oifname ${slow} ${classify(restMinor)}`, `oifname ${slow} ${fewBytes} ${classify(smallMinor)}`];
  return [
    ...(hotspot === null ? [] : hotspot.classes.flatMap(classChain)),
    ...(hotspot === null ? [] : ['chain clients {', ...sortingRules(hotspot.classes), '}']),
    ...chain('forwarded', 'forward priority 160', [
      ...(clients === null
        ? []
        : [`oifname ${clients} jump clients`, `iifname ${clients} oifname != ${clients} jump clients`]),
      ...(relay === null || relays === null ? [] : [`oifname ${relays} ${classify(relay.relayMinor)}`]),
      ...slowing,
    ]),
    ...chain('own', 'output priority 160', [
      ...(clients === null ? [] : [`oifname ${clients} jump clients`]),
      ...(relay === null || relays === null
        ? []
        : [
            ...mark(relay.nodeDscp).map((statement) => `oifname ${relays} ${statement}`),
            `oifname ${relays} ${classify(relay.nodeMinor)}`,
          ]),
      ...slowing,
    ]),
    // Before connections are tracked: what is dropped here shall cost no more than it must.
    ...(slowed.length === 0 ? [] : chain('arriving', 'prerouting priority -310', slowed.map(limit))),
  ];
}

const fewBytes = `meta length <= ${smallPacket}`;

const classChain = ({ minor, dscp }: SortedClass): readonly string[] => [
  `chain class_${hex(minor, 2)} {`,
  ...mark(dscp),
  classify(minor),
  '}',
];

/** By port on either side, then by the mark that the sender gave it; what is left is of the last class. */
function sortingRules(classes: readonly SortedClass[]): readonly string[] {
  const goTo = ({ minor }: SortedClass): string => `goto class_${hex(minor, 2)}`;
  const last = classes.at(-1);
  return [
    ...classes
      .filter(({ ports }) => ports.length > 0)
      .flatMap((one) =>
        ['sport', 'dport'].map((side) => `meta l4proto { tcp, udp } th ${side} ${setOf(one.ports)} ${goTo(one)}`),
      ),
    ...classes.flatMap((one) => [`ip dscp ${one.dscp} ${goTo(one)}`, `ip6 dscp ${one.dscp} ${goTo(one)}`]),
    ...(last === undefined ? [] : [goTo(last)]),
  ];
}

/** What arrives cannot be queued, only dropped: its senders slow down by that. */
function limit({ interface: name, rate }: SlowedLink): string {
  const bytes = Math.max(1, Math.floor(rate / 8));
  const burst = Math.max(leastBurst, Math.floor(bytes / 2));
  return `iifname ${nftString(name)} meta length > ${smallPacket} limit rate over ${bytes} bytes/second burst ${burst} bytes drop`;
}
