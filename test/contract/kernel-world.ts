import assert from 'node:assert/strict';
import {
  type Address,
  addressKey,
  defaultDestination,
  type KernelChange,
  type KernelState,
  neighbourKey,
  type Route,
  routeKey,
  type Rule,
  ruleKey,
} from '../../src/model/kernel.ts';
import type { Family } from '../../src/model/family.ts';
import type { Problem } from '../../src/model/errors.ts';
import { type DesiredRoute, type DesiredRule, ownProtocol } from '../../src/model/network.ts';
import type { KernelOperation } from '../../src/effects/ports.ts';
import type { Kernel, KernelOptions } from '../../src/adapters/netlink/driver.ts';

/** A network that a test can do anything to, and the kernel under test in it. Whatever it does has happened on return. */
export interface KernelWorld {
  /** Opens another kernel under test in the same network. */
  open(options?: KernelOptions): Promise<Kernel>;
  /** What is really so, read by someone else. */
  truth(): Promise<KernelState>;
  /** A link with a cable in, down. Returns its index. */
  addLink(name: string, options?: { readonly isLikeNic: boolean }): number;
  up(index: number): void;
  down(index: number): void;
  plug(index: number): void;
  unplug(index: number): void;
  rename(index: number, name: string): void;
  remove(index: number): void;
  addAddress(index: number, address: string): void;
  removeAddress(index: number, address: string): void;
  /** Someone else's route; several next hops make a multipath route. */
  addRoute(hops: readonly Route[], mode?: 'create' | 'append'): void;
  removeRoute(hops: readonly Route[]): void;
  addRule(rule: Rule): void;
  removeRule(rule: Rule): void;
  /** Whether somebody at the far end of the link has this address. */
  setAnswering(index: number, address: string, answers: boolean): void;
  /** Sends packets to this address by whatever way they take. */
  send(address: string): void;
  /** More happens than notifications can be kept for; `change` happens among it. */
  overflow(change: () => void): void;
  close(): Promise<void>;
}

export const plans = {
  ipv4: {
    length: 24,
    hostLength: 32,
    far: '203.0.113.9',
    network: '192.0.2.0/24',
    own: '192.0.2.2',
    gateway: '192.0.2.1',
    otherGateway: '192.0.2.9',
    nobody: '192.0.2.77',
    elsewhere: '198.51.100.1',
    target: '198.18.0.0/15',
    /** What the kernel makes of metric 0. */
    noMetric: 0,
  },
  ipv6: {
    length: 64,
    hostLength: 128,
    far: '2001:db8:ffff::9',
    network: '2001:db8:1::/64',
    own: '2001:db8:1::2',
    gateway: '2001:db8:1::1',
    otherGateway: '2001:db8:1::9',
    nobody: '2001:db8:1::77',
    elsewhere: '2001:db8:2::1',
    target: '2001:db8:7::/48',
    noMetric: 1024,
  },
} as const;

export const address = (family: Family): string => `${plans[family].own}/${plans[family].length}`;

const operation = <T extends object>(rest: T): T & { readonly target: string; readonly because: string } => ({
  ...rest,
  target: 'an object of the contract',
  because: 'the contract is tested',
});

export const wantedRoute = (family: Family, linkIndex: number, more: Partial<DesiredRoute> = {}): DesiredRoute => ({
  family,
  table: 150,
  destination: defaultDestination(family),
  metric: 7,
  linkIndex,
  gateway: plans[family].gateway,
  isOnLink: false,
  because: 'the contract is tested',
  ...more,
});

export const replaceRoute = (route: DesiredRoute): KernelOperation =>
  operation({ type: 'route.replace', route } as const);
export const deleteRoute = (route: Route): KernelOperation => operation({ type: 'route.delete', route } as const);

export const wantedRule = (family: Family, more: Partial<DesiredRule> = {}): DesiredRule => ({
  family,
  priority: 1005,
  table: 150,
  from: null,
  outputInterface: null,
  suppressPrefixLength: null,
  because: 'the contract is tested',
  ...more,
});

export const addRule = (rule: DesiredRule): KernelOperation => operation({ type: 'rule.add', rule } as const);
export const deleteRule = (rule: Rule): KernelOperation => operation({ type: 'rule.delete', rule } as const);
export const resolveNeighbour = (family: Family, linkIndex: number, neighbour: string): KernelOperation =>
  operation({
    type: 'neighbour.resolve',
    neighbour: { family, linkIndex, address: neighbour, because: 'the contract is tested' },
  } as const);

/** A route as the kernel reports one: someone else's when not said. */
export const reportedRoute = (family: Family, linkIndex: number, more: Partial<Route> = {}): Route => ({
  family,
  table: 150,
  type: 'unicast',
  destination: defaultDestination(family),
  gateway: plans[family].gateway,
  linkIndex,
  metric: 7,
  protocol: 4,
  scope: family === 'ipv4' && more.gateway === null ? 'link' : 'global',
  preferredSource: null,
  isOnLink: false,
  ...more,
});

export const reportedRule = (family: Family, more: Partial<Rule> = {}): Rule => ({
  family,
  priority: 1005,
  action: 'lookup',
  table: 150,
  from: null,
  to: null,
  inputInterface: null,
  outputInterface: null,
  mark: null,
  mask: null,
  suppressPrefixLength: null,
  protocol: ownProtocol,
  hasOtherSelectors: false,
  ...more,
});

export const routesIn = (state: KernelState, family: Family, table = 150): readonly Route[] =>
  [...state.routes.values()].filter((route) => route.family === family && route.table === table);

export const rulesOf = (state: KernelState, family: Family, priority = 1005): readonly Rule[] =>
  [...state.rules.values()].filter((rule) => rule.family === family && rule.priority === priority);

export const addressesOf = (state: KernelState, linkIndex: number): readonly Address[] =>
  [...state.addresses.values()].filter((one) => one.linkIndex === linkIndex && one.scope === 'global');

const keyOf = (change: KernelChange): string => {
  switch (change.object) {
    case 'link':
      return `link ${(change.after ?? change.before)?.index}`;
    case 'address':
      return `address ${[change.after ?? change.before].map((one) => one && addressKey(one)).join('')}`;
    case 'route':
      return `route ${[change.after ?? change.before].map((one) => one && routeKey(one)).join('')}`;
    case 'rule':
      return `rule ${[change.after ?? change.before].map((one) => one && ruleKey(one)).join('')}`;
    case 'neighbour':
      return `neighbour ${[change.after ?? change.before].map((one) => one && neighbourKey(one)).join('')}`;
    default:
      return change satisfies never;
  }
};

/** Everything in a state, by kind and key. */
export function contentOf(state: KernelState): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ...[...state.links].map(([key, value]) => [`link ${key}`, value] as const),
    ...[...state.addresses].map(([key, value]) => [`address ${key}`, value] as const),
    ...[...state.routes].map(([key, value]) => [`route ${key}`, value] as const),
    ...[...state.rules].map(([key, value]) => [`rule ${key}`, value] as const),
    ...[...state.neighbours].map(([key, value]) => [`neighbour ${key}`, value] as const),
  ]);
}

/**
 * Hears the changes of a kernel, and holds each against what it heard before: `before` is what stood, `after` differs
 * from it, and all changes put together are the state.
 */
export class Witness {
  readonly kernel: Kernel;
  readonly problems: Problem[] = [];
  changes: KernelChange[] = [];
  readonly #content: Map<string, unknown>;
  readonly #complaints: string[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.#content = new Map(contentOf(kernel.state));
    kernel.subscribe((changes) => {
      if (changes.length === 0) this.#complaints.push('an empty batch was told');
      for (const change of changes) this.#hear(change);
    });
  }

  /** What was told since the last call, once all that has happened is told. */
  async heard(): Promise<readonly KernelChange[]> {
    await this.kernel.settle();
    const { changes } = this;
    this.changes = [];
    assert.deepEqual(this.#complaints, []);
    assert.deepEqual(this.#content, contentOf(this.kernel.state));
    return changes;
  }

  /** Resolves when the state is so. It waits for notifications, and asks for nothing. */
  async until(isSo: (state: KernelState) => boolean): Promise<void> {
    if (isSo(this.kernel.state)) return;
    await new Promise<void>((resolve) => {
      const end = this.kernel.subscribe(() => {
        if (!isSo(this.kernel.state)) return;
        end();
        resolve();
      });
    });
  }

  #hear(change: KernelChange): void {
    const key = keyOf(change);
    const stood = this.#content.get(key) ?? null;
    if (JSON.stringify(stood) !== JSON.stringify(change.before))
      this.#complaints.push(`${key}: before is not what stood`);
    if (JSON.stringify(change.before) === JSON.stringify(change.after))
      this.#complaints.push(`${key}: nothing changed`);
    if (change.after === null) this.#content.delete(key);
    else this.#content.set(key, change.after);
    this.changes.push(change);
  }
}
