import type { RoutingConfig } from '../../model/config.ts';
import type { Route, Rule } from '../../model/kernel.ts';
import type { DesiredRoute, DesiredRule } from '../../model/network.ts';

/** Right before main (32766). */
export const rankedPriority = 32_765;
/** Right before that. */
export const leasedPriority = 32_764;

/**
 * Where backhauld's objects stand. The order of the rules is the whole layout:
 *
 * | priority | rule | so that |
 * |---|---|---|
 * | base | `oif NAME lookup T` | probes and bound sockets leave by their uplink |
 * | base + 10 | `from ADDRESS lookup T suppress_prefixlength 0` | the subnet of the address is reached by its own link when two uplinks share one |
 * | base + 50 | `lookup RANKED suppress_prefixlength 0` | the active gateway is the active uplink's, whatever main says |
 * | base + 100 | `lookup main suppress_prefixlength 0` | LAN, VPN and containers keep working |
 * | base + 200 | `from ADDRESS lookup T` | replies leave where the request came in |
 * | 32764 | `lookup T suppress_prefixlength 0` | networks that the active uplink's lease leads to are reached, if nothing else leads there |
 * | 32765 | `lookup RANKED` | all else follows the ranking |
 *
 * The ranked table stands right before main: VPNs add rules of their own anywhere below 32766 (Tailscale 5270, wg-quick
 * 32764), and a default ahead of these would take their traffic.
 */
export const rulePriorities = ({ interfaceTablePriority: base }: Pick<RoutingConfig, 'interfaceTablePriority'>) => ({
  device: base,
  sourceNetworks: base + 10,
  rankedNetworks: base + 50,
  mainNetworks: base + 100,
  source: base + 200,
  leased: leasedPriority,
  ranked: rankedPriority,
});

/** Metric of everything in an uplink's own table and of host routes; not 0, which IPv6 does not know. */
export const uplinkMetric = 1;
/**
 * Metric of the route that the kernel makes in main for the network of a leased address: so the LAN is reached, and a
 * network that someone else's address leads to (metric 0; NetworkManager's 100 to 800) is not taken from it.
 */
export const leasedNetworkMetric = 1024;
/** Metric of the default of the first in the ranking. */
export const firstRankMetric = 10;
/** Metric of the k-th in the ranking, from 0. Those in between are free for what has to wait while ranks swap. */
export const rankMetric = (rank: number): number => firstRankMetric + 2 * rank;

/** What the kernel replaces a route by: two routes of one place exclude each other. */
export const placeOf = (r: Pick<DesiredRoute, 'family' | 'table' | 'destination' | 'metric'>): string =>
  `${r.family} ${r.table} ${r.destination} ${r.metric}`;

/** The way a route leads, apart from where it stands. */
export const wayOf = (r: Pick<Route, 'linkIndex' | 'gateway' | 'isOnLink'>): string =>
  `${r.linkIndex} ${r.gateway ?? '-'} ${r.isOnLink}`;

/** Equal for a desired rule and an observed one that does the same. */
export const ruleIdentity = (r: DesiredRule | Rule): string =>
  `${r.family} ${r.priority} ${r.table} ${r.from ?? '-'} ${r.outputInterface ?? '-'} ${r.suppressPrefixLength ?? '-'}`;
