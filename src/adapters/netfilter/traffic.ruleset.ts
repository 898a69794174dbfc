import type { Family, PerFamily } from '../../model/family.ts';
import { families } from '../../model/family.ts';

/** Every table that is backhauld's own begins with its name. */
export const trafficTable = 'backhauld_traffic';

/** An uplink whose traffic is counted. */
export interface CountedUplink {
  readonly index: number;
  /** The networks that are reached without a gateway, as `address/length`. */
  readonly networks: PerFamily<readonly string[]>;
}

export const countedThings = ['sent', 'received', 'asked', 'told'] as const;
/** `asked` and `told`: questions to name servers and their answers, wherever they are. */
export type CountedThing = (typeof countedThings)[number];

/** The name of a counter; `keyOf` gives back what it stands for. */
export const counterName = (thing: CountedThing, index: number, family: Family): string =>
  `${thing}_${index}_${family}`;

/** The near addresses that no gateway forwards: link-local, multicast and broadcast (RFC 3927, 4291, 5771, 919). */
const alwaysNear: PerFamily<readonly string[]> = {
  ipv4: ['169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
  ipv6: ['fe80::/10', 'ff00::/8'],
};

const matchOf: PerFamily<{ readonly address: string; readonly type: string }> = {
  ipv4: { address: 'ip', type: 'ipv4_addr' },
  ipv6: { address: 'ip6', type: 'ipv6_addr' },
};

/**
 * A ruleset, for `nft -f`, that counts what goes to and comes from beyond the links, and touches no packet. The whole
 * table is replaced in one transaction; its counters begin at 0.
 *
 * Beyond the link is what no near network holds. Broadcasts, what a router says of itself and what it refuses (ICMP) are
 * no answer from there: a dead provider's router goes on with all of them.
 */
export function trafficRuleset(uplinks: readonly CountedUplink[]): string {
  const lines = [`table inet ${trafficTable}`, `delete table inet ${trafficTable}`, `table inet ${trafficTable} {`];
  for (const { index } of uplinks) {
    for (const family of families) {
      for (const thing of countedThings) lines.push(`counter ${counterName(thing, index, family)} { }`);
    }
  }
  for (const family of families) {
    const near = new Set([...alwaysNear[family], ...uplinks.flatMap(({ networks }) => networks[family])]);
    const { type } = matchOf[family];
    lines.push(
      `set near_${family} { type ${type}; flags interval; auto-merge; elements = { ${[...near].join(', ')} } }`,
    );
    for (const thing of countedThings) lines.push(counterMap(thing, family, uplinks));
  }
  lines.push(
    'chain incoming {',
    'type filter hook prerouting priority -310; policy accept;',
    'meta pkttype != host return',
    'icmp type { destination-unreachable, time-exceeded } return',
    'icmpv6 type { destination-unreachable, time-exceeded } return',
    ...families.map((family) => `meta nfproto ${family} udp sport 53 counter name iif map @told_${family}`),
    ...families.map((family) => beyond(family, 'saddr', `counter name iif map @received_${family}`)),
    '}',
    'chain outgoing {',
    'type filter hook postrouting priority 310; policy accept;',
    ...families.map((family) => `meta nfproto ${family} udp dport 53 counter name oif map @asked_${family}`),
    ...families.map((family) => beyond(family, 'daddr', `counter name oif map @sent_${family}`)),
    '}',
    '}',
  );
  return `${lines.join('\n')}\n`;
}

const beyond = (family: Family, side: 'saddr' | 'daddr', statement: string): string =>
  `${matchOf[family].address} ${side} != @near_${family} ${statement}`;

function counterMap(thing: CountedThing, family: Family, uplinks: readonly CountedUplink[]): string {
  const elements = uplinks.map(({ index }) => `${index} : "${counterName(thing, index, family)}"`).join(', ');
  const content = elements === '' ? '' : ` elements = { ${elements} }`;
  return `map ${thing}_${family} { type iface_index : counter;${content} }`;
}
