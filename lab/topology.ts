/**
 * The virtual network as data: who is called what, and which addresses they have.
 *
 *                 eth0 ── router-a (192.168.101.0/24, IPv6) ──┐
 *          node ─ wlan0 ─ router-b (192.168.102.0/24, IPv6) ──┼── internet: 1.1.1.1, 8.8.8.8, far host 203.0.113.10
 *                 wwan0 ─ router-c (192.168.103.0/24) ────────┘
 */
export interface UplinkPlan {
  /** The interface's name in the node. */
  readonly name: string;
  /** Third byte of the router's LAN (192.168.NUMBER.0/24) and digits of its IPv6 prefix (2001:db8:NUMBER::/64). */
  readonly number: number;
  /** Metric of the default route that the DHCP client's script installs in the main table. */
  readonly metric: number;
  readonly hasIpv6: boolean;
}

export const defaultUplinks: readonly UplinkPlan[] = [
  { name: 'eth0', number: 101, metric: 100, hasIpv6: true },
  { name: 'wlan0', number: 102, metric: 200, hasIpv6: true },
  { name: 'wwan0', number: 103, metric: 300, hasIpv6: false },
];

/** As many uplinks as asked for: the three usual ones first, then eth1, eth2 … */
export const planUplinks = (count: number): readonly UplinkPlan[] =>
  Array.from(
    { length: count },
    (_, position) =>
      defaultUplinks[position] ?? {
        name: `eth${position - defaultUplinks.length + 1}`,
        number: 101 + position,
        metric: 100 * (position + 1),
        hasIpv6: false,
      },
  );

/** Addresses that are probed. */
export const targets = ['1.1.1.1', '8.8.8.8', '2606:4700:4700::1111', '2001:4860:4860::8888'] as const;
/** The host that people on the node talk to: UDP and TCP echo on port 7. */
export const farHost = { ipv4: '203.0.113.10', ipv6: '2001:db8:ffff::10', port: 7 } as const;

export const namespaceNames = ['node', 'internet'] as const;
/** `router-a`, `router-b` … */
export const routerName = (position: number): string => `router-${String.fromCodePoint(97 + position)}`;

/** The router's side of the LAN, and its link to the internet. */
export const routerAddresses = (
  number: number,
): { readonly lan: string; readonly lan6: string; readonly wan: string; readonly wan6: string } => ({
  lan: `192.168.${number}.1`,
  lan6: `2001:db8:${number}::1`,
  wan: `10.0.${number}.2`,
  wan6: `fd00:${number}::2`,
});

/** The internet's end of the link to a router. */
export const providerAddresses = (number: number): { readonly ipv4: string; readonly ipv6: string } => ({
  ipv4: `10.0.${number}.1`,
  ipv6: `fd00:${number}::1`,
});
