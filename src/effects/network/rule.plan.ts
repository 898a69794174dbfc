import type { Problem } from '../../model/errors.ts';
import type { Rule } from '../../model/kernel.ts';
import type { DesiredRule, Operation } from '../../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { addRule, deleteRule, operationKey, type OperationOf } from '../operations.ts';
import { ruleIdentity } from './places.ts';
import type { RoutingView } from './observe.ts';

export interface RulePlan {
  /** By rising priority: what keeps LAN and containers working stands before what leads away from them. */
  readonly adds: readonly OperationOf<'rule.add'>[];
  /** By falling priority: unbound traffic falls through to main first, whole. */
  readonly deletes: readonly OperationOf<'rule.delete'>[];
  readonly blocked: readonly Operation[];
  readonly problems: readonly Problem[];
}

/** Whether a rule does nothing but look a table up by the selectors of a desired rule. */
const isPlain = (rule: Rule): boolean =>
  rule.action === 'lookup' &&
  rule.to === null &&
  rule.inputInterface === null &&
  rule.mark === null &&
  !rule.hasOtherSelectors;

const serviceOf = (r: Rule | DesiredRule): string =>
  `${r.family} ${r.priority} ${r.from ?? '-'} ${r.outputInterface ?? '-'} ${r.suppressPrefixLength ?? '-'}`;

export function planRules(
  wanted: ReadonlyMap<string, DesiredRule>,
  view: RoutingView,
  watchedPriorities: ReadonlySet<number>,
  circumstances: Circumstances,
): RulePlan {
  const strays: Rule[] = [];
  const standing = new Map<string, Rule>();
  for (const rule of view.ownRules.values()) {
    const identity = ruleIdentity(rule);
    if (isPlain(rule) && wanted.has(identity)) standing.set(identity, rule);
    else strays.push(rule);
  }
  // What could be taken for a stray when that is removed must not stand meanwhile; the next plan puts it (back) in.
  const removals = strays.map((rule) => deleteRule(rule, 'nobody wants this rule any more'));
  const pending = removals.filter((removal) => !circumstances.blocked.has(operationKey(removal)));
  const isInTheWay = (rule: Rule | DesiredRule): boolean => pending.some((removal) => takes(removal.rule, rule));
  const problems: Problem[] = [];
  if (wanted.size > 0) {
    for (const rule of view.foreignRules.values()) {
      if (watchedPriorities.has(rule.priority)) problems.push(priorityTaken(rule));
    }
  }

  const adds: OperationOf<'rule.add'>[] = [];
  const blocked: Operation[] = [];
  const missingServices = new Set<string>();
  if (standing.size < wanted.size) {
    for (const [identity, rule] of wanted) {
      if (standing.has(identity) || isInTheWay(rule)) continue;
      const add = addRule(rule);
      if (circumstances.blocked.has(operationKey(add))) {
        blocked.push(add);
        missingServices.add(serviceOf(rule));
      } else adds.push(add);
    }
  }
  const misplaced = pending.length === 0 ? [] : [...standing.values()].filter(isInTheWay);
  const deletes = [
    ...removals.filter(({ rule }) => !missingServices.has(serviceOf(rule))),
    ...misplaced.map((rule) => deleteRule(rule, 'the kernel could take it for a rule that nobody wants any more')),
  ];
  return {
    adds: adds.toSorted((a, b) => a.rule.priority - b.rule.priority),
    deletes: inOrder(deletes),
    blocked,
    problems,
  };
}

const selectors = ['from', 'to', 'inputInterface', 'outputInterface', 'mark', 'mask', 'suppressPrefixLength'] as const;

/** Whether the kernel may take `rule` for `gone` when that is removed: what a request leaves out fits everything. */
const takes = (gone: Rule, rule: Rule | DesiredRule): boolean =>
  gone.family === rule.family &&
  gone.priority === rule.priority &&
  gone.table === rule.table &&
  selectors.every((key) => gone[key] === null || (key in rule && rule[key as keyof typeof rule] === gone[key]));

/** By falling priority; in one priority what says more goes first, so that it is not taken for what says less. */
function inOrder(deletes: readonly OperationOf<'rule.delete'>[]): readonly OperationOf<'rule.delete'>[] {
  const said = (rule: Rule): number => selectors.filter((key) => rule[key] !== null).length;
  return deletes.toSorted(
    (a, b) => b.rule.priority - a.rule.priority || said(b.rule) - said(a.rule) || (a.target < b.target ? -1 : 1),
  );
}

const priorityTaken = (rule: Rule): Problem => ({
  code: 'routing.priorityTaken',
  subject: `rule ${rule.family} ${rule.priority}`,
  message: `Someone else has a rule at priority ${rule.priority} (${rule.family}), where backhauld has its own`,
  remedy: 'set routing.interfaceTablePriority to a range nobody uses',
});
