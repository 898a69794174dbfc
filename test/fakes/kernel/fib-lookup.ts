import { contains, parseAddress, parsePrefix, type IpAddress } from '../../../src/model/address.ts';
import type { Family } from '../../../src/model/family.ts';
import type { Route, Rule } from '../../../src/model/kernel.ts';

/** A packet that looks for its way. */
export interface Flow {
  readonly family: Family;
  readonly destination: string;
  /** The source address, where the packet has one already (a reply, a bound socket). */
  readonly from?: string | undefined;
  /** The index of the link its socket is bound to. */
  readonly oif?: number | undefined;
  /** The name of the link it came in by; without it the packet is our own. */
  readonly iif?: string | undefined;
  readonly mark?: number | undefined;
}

export interface LookupContext {
  /** In the order the kernel asks them. */
  readonly rules: readonly Rule[];
  readonly routes: readonly Route[];
  nameOf(index: number): string | undefined;
  /** The route's link has no carrier and is set to ignore routes then (`ignore_routes_with_linkdown`). */
  isPassedOver(route: Route): boolean;
}

const failing = new Set(['unreachable', 'blackhole', 'prohibit']);

const isWithin = (address: string | undefined, prefix: string): boolean => {
  const parsed = address === undefined ? undefined : parseAddress(address);
  const network = parsePrefix(prefix);
  if (network?.length === 0) return true;
  return parsed !== undefined && network !== undefined && contains(network, parsed);
};

/** fib_rule_match of net/core/fib_rules.c, without what the model does not name. */
function matches(rule: Rule, flow: Flow, context: LookupContext): boolean {
  const bound = flow.oif === undefined ? undefined : context.nameOf(flow.oif);
  return (
    rule.family === flow.family &&
    !rule.hasOtherSelectors &&
    (rule.outputInterface === null || rule.outputInterface === bound) &&
    (rule.inputInterface === null || rule.inputInterface === (flow.iif ?? 'lo')) &&
    (rule.from === null || isWithin(flow.from, rule.from)) &&
    (rule.to === null || isWithin(flow.destination, rule.to)) &&
    (rule.mark === null || (((flow.mark ?? 0) ^ rule.mark) & (rule.mask ?? 0xff_ff_ff_ff)) === 0)
  );
}

interface Candidate {
  readonly route: Route;
  readonly length: number;
}

/** The longest prefix first, the lower metric first, then in the order of the slot. */
export function lookupInTable(
  table: number,
  flow: Flow,
  context: LookupContext,
  accepts: (route: Route) => boolean = () => true,
): Candidate | null {
  const destination: IpAddress | undefined = parseAddress(flow.destination);
  if (destination === undefined) return null;
  let best: Candidate | null = null;
  for (const route of context.routes) {
    if (route.family !== flow.family || route.table !== table) continue;
    const prefix = parsePrefix(route.destination);
    if (prefix === undefined || !contains(prefix, destination)) continue;
    if (flow.oif !== undefined && route.linkIndex !== null && route.linkIndex !== flow.oif) continue;
    if (context.isPassedOver(route) || !accepts(route)) continue;
    const isBetter =
      best === null ||
      prefix.length > best.length ||
      (prefix.length === best.length && route.metric < best.route.metric);
    if (isBetter) best = { route, length: prefix.length };
  }
  return best;
}

/**
 * The route a packet takes, as fib_lookup and fib6_rule_lookup find it: rule after rule, the first table with a route
 * that fits and is not suppressed. Null where the kernel answers with an error.
 */
export function lookupRoute(flow: Flow, context: LookupContext, accepts?: (route: Route) => boolean): Route | null {
  for (const rule of context.rules) {
    if (!matches(rule, flow, context)) continue;
    if (failing.has(rule.action)) return null;
    if (rule.action !== 'lookup') continue;
    const found = lookupInTable(rule.table, flow, context, accepts);
    if (found === null || found.route.type === 'throw') continue;
    if (rule.suppressPrefixLength !== null && found.length <= rule.suppressPrefixLength) continue;
    return failing.has(found.route.type) ? null : found.route;
  }
  return null;
}
