import type { Route, Rule } from '../../model/kernel.ts';
import { type DesiredRoute, type OperationResult, ownProtocol } from '../../model/network.ts';

/**
 * The kernel replaces the first route in a place and deletes the first rule that has what was named, whoever installed
 * them. What is asked here first keeps it from touching what is not ours.
 */

const satisfied = (message: string): OperationResult => ({
  ok: false,
  retry: 'satisfied',
  code: 'kernel.vanished',
  message,
});

const refused = (message: string): OperationResult => ({
  ok: false,
  retry: 'permanent',
  code: 'kernel.refused',
  message,
});

const isSameHop = (route: Route, wanted: DesiredRoute): boolean =>
  route.type === 'unicast' && route.linkIndex === wanted.linkIndex && route.gateway === wanted.gateway;

/**
 * How to put a route in its place: `create` where nothing stands (the kernel then refuses if someone was faster),
 * `replace` where only ours do. A foreign route in the place is never replaced, and none is put before or behind it.
 */
export function routePlacement(
  inPlace: readonly Route[],
  wanted: DesiredRoute,
): 'create' | 'replace' | { readonly answer: OperationResult } {
  const foreign = inPlace.find((route) => route.protocol !== ownProtocol);
  if (foreign === undefined) return inPlace.length === 0 ? 'create' : 'replace';
  return {
    answer: refused(
      `${wanted.destination} metric ${wanted.metric} in table ${wanted.table} is taken by a route of protocol ${foreign.protocol}`,
    ),
  };
}

/** Whether the very route stands already. */
export const stands = (inPlace: readonly Route[], wanted: DesiredRoute): boolean =>
  inPlace.some((route) => route.protocol === ownProtocol && isSameHop(route, wanted));

/** Null when the route may be deleted. With metric 0 the kernel would take one of any metric: it must stand. */
export const routeDeletion = (inPlace: readonly Route[], gone: Route): OperationResult | null =>
  inPlace.some(
    ({ type, protocol, linkIndex, gateway }) =>
      type === gone.type && protocol === gone.protocol && linkIndex === gone.linkIndex && gateway === gone.gateway,
  )
    ? null
    : satisfied('there is no such route');

/**
 * Whether the kernel would take `rule` for `named` when it deletes: all that `named` says is true of it. The protocol is
 * left out: Linux 6.18 was seen to compare it, older kernels do not.
 */
function wouldMatch(rule: Rule, named: Rule): boolean {
  const fits = (key: keyof Rule): boolean => named[key] === null || rule[key] === named[key];
  return (
    (['family', 'priority', 'action', 'table'] as const).every((key) => rule[key] === named[key]) &&
    (['from', 'to', 'inputInterface', 'outputInterface', 'mark', 'mask', 'suppressPrefixLength'] as const).every(
      (key) => fits(key),
    )
  );
}

/** Null when the rule may be deleted: it stands, and the kernel can take no other for it. */
export function ruleDeletion(rules: Iterable<Rule>, gone: Rule): OperationResult | null {
  const matching = [...rules].filter((rule) => wouldMatch(rule, gone));
  const others = matching.filter(
    (rule) =>
      rule.protocol !== gone.protocol || rule.hasOtherSelectors !== gone.hasOtherSelectors || !wouldMatch(gone, rule),
  );
  if (matching.length === others.length) return satisfied('there is no such rule');
  return others.length === 0
    ? null
    : refused(`a rule of protocol ${others[0]?.protocol ?? 0} with priority ${gone.priority} could be taken for it`);
}
