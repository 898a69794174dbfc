import type { KernelSource } from '../../../src/streams/ports.ts';
import {
  addressKey,
  neighbourKey,
  routeKey,
  ruleKey,
  type Address,
  type KernelChange,
  type Link,
  type Neighbour,
  type Route,
} from '../../../src/model/kernel.ts';

/** A kernel that says what a test tells it to: changes go into its state first, then to the listeners as one batch. */
export class ScriptedKernel implements KernelSource {
  readonly state = {
    links: new Map<number, Link>(),
    addresses: new Map<string, Address>(),
    routes: new Map<string, Route>(),
    rules: new Map<string, never>(),
    neighbours: new Map<string, Neighbour>(),
  };
  readonly listeners = new Set<(changes: readonly KernelChange[]) => void>();

  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  say(...changes: readonly KernelChange[]): void {
    for (const change of changes) this.#take(change);
    for (const listener of this.listeners) listener(changes);
  }

  #take(change: KernelChange): void {
    switch (change.object) {
      case 'link':
        return put(this.state.links, (link) => link.index, change);
      case 'address':
        return put(this.state.addresses, addressKey, change);
      case 'route':
        return put(this.state.routes, routeKey, change);
      case 'neighbour':
        return put(this.state.neighbours, neighbourKey, change);
      case 'rule':
        throw new Error(`no rule is expected here: ${ruleKey(change.after ?? change.before ?? fail())}`);
    }
  }
}

function fail(): never {
  throw new Error('a change of nothing');
}

function put<K, T>(
  map: Map<K, T>,
  keyOf: (value: T) => K,
  { before, after }: { readonly before: T | null; readonly after: T | null },
): void {
  if (before !== null) map.delete(keyOf(before));
  if (after !== null) map.set(keyOf(after), after);
}

export const link = (index: number, name: string, more: Partial<Link> = {}): Link => ({
  index,
  name,
  kind: null,
  hardwareType: 1,
  isUp: true,
  hasCarrier: true,
  isLoopback: false,
  isPointToPoint: false,
  mtu: 1500,
  macAddress: `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`,
  lowerIndex: index,
  masterIndex: null,
  ...more,
});

export const address = (linkIndex: number, text: string, more: Partial<Address> = {}): Address => ({
  family: text.includes(':') ? 'ipv6' : 'ipv4',
  linkIndex,
  address: text,
  prefixLength: text.includes(':') ? 64 : 24,
  peer: null,
  scope: 'global',
  isTentative: false,
  isDeprecated: false,
  ...more,
});

export const defaultRoute = (linkIndex: number, gateway: string, more: Partial<Route> = {}): Route => ({
  family: gateway.includes(':') ? 'ipv6' : 'ipv4',
  table: 254,
  type: 'unicast',
  destination: gateway.includes(':') ? '::/0' : '0.0.0.0/0',
  gateway,
  linkIndex,
  metric: 100,
  protocol: 16,
  scope: 'global',
  preferredSource: null,
  isOnLink: false,
  ...more,
});

export const neighbour = (linkIndex: number, text: string, state: Neighbour['state']): Neighbour => ({
  family: text.includes(':') ? 'ipv6' : 'ipv4',
  linkIndex,
  address: text,
  macAddress: null,
  state,
  isRouter: false,
});

type Kinds = { link: Link; address: Address; route: Route; neighbour: Neighbour };

export const added = <K extends keyof Kinds>(object: K, after: Kinds[K]): KernelChange =>
  ({ object, before: null, after }) as KernelChange;
export const removed = <K extends keyof Kinds>(object: K, before: Kinds[K]): KernelChange =>
  ({ object, before, after: null }) as KernelChange;
export const changed = <K extends keyof Kinds>(object: K, before: Kinds[K], after: Kinds[K]): KernelChange =>
  ({ object, before, after }) as KernelChange;
