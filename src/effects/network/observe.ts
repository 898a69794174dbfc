import type { RoutingConfig } from '../../model/config.ts';
import {
  defaultTable,
  localTable,
  mainTable,
  routeKey,
  ruleKey,
  type KernelChange,
  type KernelState,
  type Route,
  type Rule,
} from '../../model/kernel.ts';
import { ownProtocol } from '../../model/network.ts';

/** The part of the kernel's routing that concerns backhauld, told apart by who installed it. */
export interface RoutingView {
  /** By `routeKey`. */
  readonly ownRoutes: ReadonlyMap<string, Route>;
  /** Routes of others in tables of the configured range, by `routeKey`. */
  readonly foreignRoutes: ReadonlyMap<string, Route>;
  /** By `ruleKey`. */
  readonly ownRules: ReadonlyMap<string, Rule>;
  /** By `ruleKey`. */
  readonly foreignRules: ReadonlyMap<string, Rule>;
}

type TableRange = Pick<RoutingConfig, 'firstTable' | 'lastTable'>;

/** Tables backhauld never writes to: what bears its mark there was put there by someone else. */
const isReserved = (table: number): boolean =>
  table === 0 || table === mainTable || table === localTable || table === defaultTable;

/**
 * The mark alone decides, whatever the table: routes of a former run with another range are still backhauld's to remove.
 */
export const isOwnRoute = (route: Route): boolean => route.protocol === ownProtocol && !isReserved(route.table);
export const isOwnRule = (rule: Rule): boolean => rule.protocol === ownProtocol && !rule.hasOtherSelectors;

/**
 * Keeps a `RoutingView` up to date change by change, so that a plan costs the same on a node with ten routes and on one
 * with a full internet table.
 */
export class RoutingIndex implements RoutingView {
  readonly ownRoutes = new Map<string, Route>();
  readonly foreignRoutes = new Map<string, Route>();
  readonly ownRules = new Map<string, Rule>();
  readonly foreignRules = new Map<string, Rule>();
  readonly #range: TableRange;

  constructor(kernel: KernelState, range: TableRange) {
    this.#range = range;
    for (const route of kernel.routes.values()) this.#addRoute(route);
    for (const rule of kernel.rules.values()) this.#rulesOf(rule).set(ruleKey(rule), rule);
  }

  /** Takes one change in; true when it concerns backhauld. */
  apply(change: KernelChange): boolean {
    if (change.object === 'route') {
      const removed = change.before !== null && this.#removeRoute(change.before);
      const added = change.after !== null && this.#addRoute(change.after);
      return removed || added;
    }
    if (change.object !== 'rule') return false;
    if (change.before !== null) this.#rulesOf(change.before).delete(ruleKey(change.before));
    if (change.after !== null) this.#rulesOf(change.after).set(ruleKey(change.after), change.after);
    return true;
  }

  #routesOf(route: Route): Map<string, Route> | undefined {
    if (isOwnRoute(route)) return this.ownRoutes;
    const isInRange = route.table >= this.#range.firstTable && route.table <= this.#range.lastTable;
    return isInRange ? this.foreignRoutes : undefined;
  }

  #addRoute(route: Route): boolean {
    return this.#routesOf(route)?.set(routeKey(route), route) !== undefined;
  }

  #removeRoute(route: Route): boolean {
    return this.#routesOf(route)?.delete(routeKey(route)) ?? false;
  }

  #rulesOf(rule: Rule): Map<string, Rule> {
    return isOwnRule(rule) ? this.ownRules : this.foreignRules;
  }
}

/** Tells what is backhauld's in a state of the kernel. */
export const observeRouting = (kernel: KernelState, range: TableRange): RoutingView => new RoutingIndex(kernel, range);
