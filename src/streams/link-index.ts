import type { Family } from '../model/family.ts';
import type { DefaultRouteEvidence, DeviceFacts, InterfaceAddress, InterfaceFacts } from '../model/interface.ts';
import { isLinkLocal } from '../model/address.ts';
import {
  addressKey,
  isDefault,
  routeKey,
  type Address,
  type KernelChange,
  type KernelState,
  type Link,
  type Route,
} from '../model/kernel.ts';
import { ownProtocol } from '../model/network.ts';

/**
 * Which addresses and default routes belong to which link.
 *
 * It holds keys only and looks the objects up in the kernel's state, so that it can never disagree with it; a key whose
 * object is gone is dropped when it is met. Nobody has to search the maps: an event costs the same with 100 uplinks as with one.
 */
export class LinkIndex {
  readonly #state: KernelState;
  readonly #addresses = new Map<number, Set<string>>();
  readonly #routes = new Map<number, Set<string>>();

  constructor(state: KernelState) {
    this.#state = state;
    for (const address of state.addresses.values()) this.#addAddress(address);
    for (const route of state.routes.values()) this.#addRoute(route);
  }

  /** Takes in what a change says of links; returns the link whose facts it may have altered, null for none. */
  note(change: KernelChange): number | null {
    if (change.object === 'link') return (change.after ?? change.before)?.index ?? null;
    if (change.object === 'address') {
      if (change.after !== null) this.#addAddress(change.after);
      return (change.after ?? change.before)?.linkIndex ?? null;
    }
    if (change.object === 'route') {
      if (change.after !== null) this.#addRoute(change.after);
      const route = change.after ?? change.before;
      return route !== null && isEvidence(route) ? route.linkIndex : null;
    }
    return null;
  }

  factsOf(link: Link, device: DeviceFacts): InterfaceFacts {
    const addresses = present(this.#addresses.get(link.index), this.#state.addresses).filter((a) => !a.isTentative);
    return {
      index: link.index,
      name: link.name,
      kind: link.kind,
      hardwareType: link.hardwareType,
      isLoopback: link.isLoopback,
      isPointToPoint: link.isPointToPoint,
      isEnslaved: link.masterIndex !== null,
      isUp: link.isUp,
      hasCarrier: link.hasCarrier,
      mtu: link.mtu,
      macAddress: link.macAddress,
      addresses: { ipv4: usable(addresses, 'ipv4'), ipv6: usable(addresses, 'ipv6') },
      defaultRoutes: present(this.#routes.get(link.index), this.#state.routes).map(evidenceOf).toSorted(byPreference),
      device,
    };
  }

  /** Forgets a link; what its successor with the same index already has is kept. */
  forget(index: number): void {
    if (present(this.#addresses.get(index), this.#state.addresses).length === 0) this.#addresses.delete(index);
    if (present(this.#routes.get(index), this.#state.routes).length === 0) this.#routes.delete(index);
  }

  #addAddress(address: Address): void {
    if (address.scope !== 'global' || isLinkLocal(address.address)) return;
    add(this.#addresses, address.linkIndex, addressKey(address));
  }

  #addRoute(route: Route): void {
    if (isEvidence(route) && route.linkIndex !== null) add(this.#routes, route.linkIndex, routeKey(route));
  }
}

/** A default route that leads somewhere and that somebody else installed (DISC-6: our own are never evidence). */
export const isEvidence = (route: Route): boolean =>
  isDefault(route) && route.type === 'unicast' && route.protocol !== ownProtocol;

function add(keys: Map<number, Set<string>>, index: number, key: string): void {
  const known = keys.get(index);
  if (known === undefined) keys.set(index, new Set([key]));
  else known.add(key);
}

/** The objects that still exist, in the order in which they appeared. */
function present<T>(keys: Set<string> | undefined, objects: ReadonlyMap<string, T>): T[] {
  const found: T[] = [];
  for (const key of keys ?? []) {
    const object = objects.get(key);
    if (object === undefined) keys?.delete(key);
    else found.push(object);
  }
  return found;
}

/**
 * The order of appearance is kept: the first address is the source of probes, and a privacy address that is added every
 * few hours must not take its place. Deprecated ones stand last, for nothing new should leave from them (RFC 4862).
 */
const usable = (addresses: readonly Address[], family: Family): readonly InterfaceAddress[] =>
  addresses
    .filter((address) => address.family === family)
    .toSorted((a, b) => Number(a.isDeprecated) - Number(b.isDeprecated))
    .map(({ address, prefixLength, peer }) => ({ address, prefixLength, peer }));

const evidenceOf = ({ family, gateway, table, metric, protocol }: Route): DefaultRouteEvidence => ({
  family,
  gateway,
  table,
  metric,
  protocol,
});

const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** By metric; what is equal in it stands in an order that does not depend on who was installed first. */
const byPreference = (a: DefaultRouteEvidence, b: DefaultRouteEvidence): number =>
  a.metric - b.metric ||
  compareText(a.family, b.family) ||
  a.table - b.table ||
  a.protocol - b.protocol ||
  compareText(a.gateway ?? '', b.gateway ?? '');
