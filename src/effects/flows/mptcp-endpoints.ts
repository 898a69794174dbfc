/** Keeps MPTCP told of the uplinks: a connection has a path by each, and none by a dead one. */
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import type { NetworkIntent } from '../../model/network.ts';
import type { MptcpTarget } from '../ports.ts';

/** The address to be announced for each reachable uplink, with its link. */
export function desiredEndpoints({ uplinks, ranking }: NetworkIntent): ReadonlyMap<string, number> {
  const desired = new Map<string, number>();
  for (const family of families) {
    for (const { index, isReachable } of ranking[family]) {
      const path = isReachable ? uplinks.find((uplink) => uplink.index === index)?.paths[family] : null;
      const address = path?.addresses[0]?.address;
      if (address !== undefined) desired.set(address, index);
    }
  }
  return desired;
}

/**
 * Announces the reachable uplinks, and withdraws what is none any more. To be called when the routes stand. Where none
 * is reachable all stay: a path that does not work is still the best hope of a connection.
 */
export function followUplinks(target: MptcpTarget, network: NetworkIntent): readonly Problem[] {
  const desired = desiredEndpoints(network);
  if (desired.size === 0) return [];
  const { announced } = target;
  const withdrawn = announced.filter((address) => !desired.has(address));
  const fresh = [...desired].filter(([address]) => !announced.includes(address));
  return [
    ...withdrawn.map((address) => target.withdraw(address)),
    ...fresh.map(([address, linkIndex]) => target.announce(address, linkIndex)),
  ].filter((problem) => problem !== null);
}
