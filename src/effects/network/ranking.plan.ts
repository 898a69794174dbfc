import type { KernelState, NeighbourState, Route } from '../../model/kernel.ts';
import { neighbourKey } from '../../model/kernel.ts';
import {
  ownProtocol,
  type DesiredNeighbour,
  type DesiredRoute,
  type Operation,
  type RankedUplink,
} from '../../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { deleteRoute, operationKey, replaceRoute, type OperationOf } from '../operations.ts';
import { wayOf } from './places.ts';

/** A default that is wanted, with its rank. */
export interface Slot {
  readonly route: DesiredRoute;
  readonly uplink: RankedUplink;
}

export interface RankingInput {
  /** Best first; metrics rise. */
  readonly slots: readonly Slot[];
  /** Backhauld's own defaults in the ranked table, in any order. */
  readonly standing: readonly Route[];
  /** Metrics at which someone else's default stands. */
  readonly taken: ReadonlySet<number>;
  readonly neighbours: readonly DesiredNeighbour[];
  readonly kernel: KernelState;
  readonly circumstances: Circumstances;
}

export interface RankingPlan {
  /** The traffic has no good way now: these come before all else. */
  readonly isUrgent: boolean;
  readonly writes: readonly Operation[];
  readonly deletes: readonly OperationOf<'route.delete'>[];
  /** Wanted, but not to be tried at the moment. */
  readonly blocked: readonly Operation[];
  /** The gateway whose answer the ranking waits for. */
  readonly waitingFor: DesiredNeighbour | null;
}

/**
 * Brings the ranked defaults of one family in order, one kernel operation at a time.
 *
 * INVARIANTS, after every single operation:
 * - A way of a reachable uplink that stands in the table and is wanted there is never missing from it: its last
 *   copy is not overwritten before another copy stands. Where ranks swap, one of them waits between two ranks.
 * - When the way in force is of no use any more, the first operation puts the best one in force.
 * - Someone else's route is never overwritten.
 */
export function planRanking(input: RankingInput): RankingPlan {
  const { slots, standing, kernel, circumstances } = input;
  const table = new SlotTable(standing);
  const isAnyReachable = slots.some(({ uplink }) => uplink.isReachable);
  const guarded = new Map(
    slots
      .filter(({ uplink }) => uplink.isReachable || !isAnyReachable)
      .map(({ route }): [string, DesiredRoute] => [wayOf(route), route]),
  );
  const inForce = wayInForce(standing, kernel);
  const isUrgent = standing.length > 0 && (inForce === null || !guarded.has(wayOf(inForce)));

  const pending: Slot[] = [];
  const blocked: Operation[] = [];
  for (const slot of slots) {
    const way = wayOf(slot.route);
    if (table.at(slot.route.metric).includes(way) || input.taken.has(slot.route.metric)) continue;
    if (kernel.links.get(slot.route.linkIndex)?.isUp !== true) continue;
    const write = replaceRoute(slot.route, kernel.links);
    if (circumstances.blocked.has(operationKey(write))) blocked.push(write);
    else pending.push(slot);
  }
  const waitingFor = pending.length === 0 || isUrgent ? null : gatewayToWaitFor(input, inForce);
  if (waitingFor !== null) return { isUrgent, writes: [], deletes: [], blocked, waitingFor };

  const writes: Operation[] = [];
  const write = (route: DesiredRoute): void => {
    const operation = replaceRoute(route, kernel.links);
    if (circumstances.blocked.has(operationKey(operation))) blocked.push(operation);
    else writes.push(operation);
    table.put(route);
  };
  while (pending.length > 0) {
    const next = pending.findIndex(({ route }) => table.lastCopyAt(route.metric, guarded) === null);
    if (next >= 0) {
      for (const { route } of pending.splice(next, 1)) write(route);
      continue;
    }
    const from = pending[0]?.route.metric ?? 0;
    const lost = table.lastCopyAt(from, guarded);
    const spare = lost === null ? undefined : guarded.get(lost);
    if (spare === undefined) break;
    // Right below its place, ahead of all that ranks lower.
    write({ ...spare, metric: freeMetric(from, table, input), because: 'kept while the ranks around it change' });
  }
  return { isUrgent, writes, deletes: leftovers(input, table, guarded), blocked, waitingFor: null };
}

/** The first metric after this one that nobody has, nor wants. */
function freeMetric(after: number, table: SlotTable, { slots, taken }: RankingInput): number {
  const used = new Set([...taken, ...slots.map(({ route }) => route.metric)]);
  let metric = after + 1;
  while (used.has(metric) || table.at(metric).length > 0) metric += 1;
  return metric;
}

/** The ways that stand in the table as the plan goes on, by metric. */
class SlotTable {
  readonly #slots = new Map<number, Route[]>();
  readonly #copies = new Map<string, number>();

  constructor(standing: readonly Route[]) {
    for (const route of standing) {
      const others = this.#slots.get(route.metric);
      if (others === undefined) this.#slots.set(route.metric, [route]);
      else others.push(route);
      this.#count(wayOf(route), 1);
    }
  }

  metrics(): readonly number[] {
    return [...this.#slots.keys()];
  }

  at(metric: number): readonly string[] {
    return this.#slots.get(metric)?.map(wayOf) ?? [];
  }

  routesAt(metric: number): readonly Route[] {
    return this.#slots.get(metric) ?? [];
  }

  /** A guarded way that would be missing if this slot were overwritten; null when there is none. */
  lastCopyAt(metric: number, guarded: ReadonlyMap<string, DesiredRoute>): string | null {
    return this.at(metric).find((way) => guarded.has(way) && this.isLastCopy(way)) ?? null;
  }

  isLastCopy(way: string): boolean {
    return this.#copies.get(way) === 1;
  }

  put(route: DesiredRoute): void {
    for (const other of this.routesAt(route.metric)) this.#count(wayOf(other), -1);
    const { because: _, ...place } = route;
    const scope = route.gateway === null && route.family === 'ipv4' ? 'link' : 'global';
    this.#slots.set(route.metric, [{ ...place, type: 'unicast', protocol: ownProtocol, scope, preferredSource: null }]);
    this.#count(wayOf(route), 1);
  }

  remove(route: Route): void {
    this.#slots.set(
      route.metric,
      this.routesAt(route.metric).filter((other) => other !== route),
    );
    this.#count(wayOf(route), -1);
  }

  #count(way: string, by: number): void {
    this.#copies.set(way, (this.#copies.get(way) ?? 0) + by);
  }
}

/** What stands where nothing is wanted, from below; a last copy stays until its own place could be written. */
function leftovers(
  { slots, kernel }: RankingInput,
  table: SlotTable,
  guarded: ReadonlyMap<string, DesiredRoute>,
): readonly OperationOf<'route.delete'>[] {
  const wanted = new Map(slots.map(({ route }) => [route.metric, wayOf(route)]));
  const operations: OperationOf<'route.delete'>[] = [];
  for (const metric of table.metrics().toSorted((a, b) => b - a)) {
    const way = wanted.get(metric);
    const isWritten = way !== undefined && table.at(metric).includes(way);
    for (const route of table.routesAt(metric)) {
      const own = wayOf(route);
      // A place that could not be written keeps what is of use there.
      const isOfUse = isWritten ? own === way : guarded.has(own) && (way !== undefined || table.isLastCopy(own));
      if (isOfUse || (guarded.has(own) && table.isLastCopy(own))) continue;
      operations.push(deleteRoute(route, 'the ranking has no such place', kernel.links));
      table.remove(route);
    }
  }
  return operations;
}

/** The default the kernel uses now: the lowest metric whose link carries. */
function wayInForce(standing: readonly Route[], kernel: KernelState): Route | null {
  let best: Route | null = null;
  for (const route of standing) {
    const link = route.linkIndex === null ? undefined : kernel.links.get(route.linkIndex);
    if (link?.isUp === true && link.hasCarrier && (best === null || route.metric < best.metric)) best = route;
  }
  return best;
}

/** States in which the kernel has an answer, be it an old one. */
const answered: ReadonlySet<NeighbourState> = new Set([
  'reachable',
  'stale',
  'delay',
  'probe',
  'permanent',
  'noarp',
] as const);

/** Links without neighbours: PPP, raw IP, tunnels (ARPHRD_PPP, ARPHRD_RAWIP, ARPHRD_NONE). */
const withoutNeighbours = new Set([512, 519, 65_534]);

/** Whether the kernel can send to this neighbour at once. */
export function isResolved(neighbour: DesiredNeighbour, kernel: KernelState): boolean {
  const link = kernel.links.get(neighbour.linkIndex);
  if (link !== undefined && withoutNeighbours.has(link.hardwareType)) return true;
  const entry = kernel.neighbours.get(neighbourKey(neighbour));
  return entry !== undefined && answered.has(entry.state);
}

/**
 * A switch that nobody is in need of waits until the new gateway's address is resolved: the kernel queues three packets
 * for an unresolved neighbour, and drops the rest (ip-sysctl: unres_qlen).
 */
function gatewayToWaitFor(input: RankingInput, inForce: Route | null): DesiredNeighbour | null {
  const head = input.slots[0];
  const isPlanned =
    inForce !== null &&
    head?.uplink.isReachable === true &&
    head.route.linkIndex !== inForce.linkIndex &&
    input.slots.some(({ route, uplink }) => uplink.isReachable && wayOf(route) === wayOf(inForce));
  if (!isPlanned) return null;
  const { linkIndex, gateway } = head.route;
  const neighbour = input.neighbours.find((one) => one.linkIndex === linkIndex && one.address === gateway);
  // Without a carrier there is no answer, and the kernel passes the route over: nobody is moved.
  if (input.kernel.links.get(linkIndex)?.hasCarrier !== true) return null;
  if (neighbour === undefined || isResolved(neighbour, input.kernel)) return null;
  return input.circumstances.waitedFor.has(neighbourKey(neighbour)) ? null : neighbour;
}
