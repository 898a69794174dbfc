/**
 * What one interface's actor knows, and how each fact changes it. The statechart in `interface.machine.ts` holds the
 * times; everything that can be said without a clock is said here.
 */
import type { Config, LifecycleConfig } from '../../model/config.ts';
import { families, perFamily, type Family, type PerFamily } from '../../model/family.ts';
import type { UplinkPath } from '../../model/network.ts';
import { hasAnswered, type Verdict } from '../../model/probe.ts';
import { elapsed, type Milliseconds } from '../../model/units.ts';
import { assess, isPresent, pathIdentity, type Candidacy } from './candidacy.decisions.ts';
import { withinBudget } from './budget.decisions.ts';
import { asDelay } from '../delay.decisions.ts';
import { findGateway } from './gateway.decisions.ts';
import { applyLateAnswer, applyRound, blame, clear, noHealth, type Health } from './health.decisions.ts';
import type { Consequence, InterfaceContext, InterfaceFact, InterfaceInput } from './interface.context.ts';

const nowhere: Candidacy = { isCandidate: false, because: null, paths: perFamily(() => null), problems: [] };

export function initialContext(input: InterfaceInput): InterfaceContext {
  const {
    config,
    facts,
    classification,
    claims,
    blamed,
    birth,
    lease = null,
    withheld = null,
    budget = 'below',
    at,
  } = input;
  const context: InterfaceContext = {
    config,
    classification,
    facts,
    claims,
    lease,
    withheld,
    budget,
    now: at,
    lifecycle: 'probing',
    since: at,
    pending: null,
    gateways: perFamily(() => null),
    candidacy: nowhere,
    pathIds: perFamily(() => null),
    birth,
    generations: perFamily(() => 0),
    health: perFamily((family) => blame(noHealth, blamed[family], targetsOf(config, family), config.probe)),
    damping: { merit: 0, at },
    isSuppressed: false,
    view: null,
  };
  return withLink(context);
}

/** The context after a fact; the same object when the fact is about a path that is no more. */
export function takeIn(context: InterfaceContext, fact: InterfaceFact): InterfaceContext {
  if (fact.type === 'interface.changed') return { ...withLink({ ...context, facts: fact.facts }), now: fact.at };
  if (fact.type === 'addresses.claimed') return { ...withLink({ ...context, claims: fact.claims }), now: fact.at };
  if (fact.type === 'lease.changed') return { ...withLink({ ...context, lease: fact.lease }), now: fact.at };
  if (fact.type === 'uplink.withheld') return { ...withLink({ ...context, withheld: fact.because }), now: fact.at };
  if (fact.type === 'budget.changed') return { ...withLink({ ...context, budget: fact.level }), now: fact.at };
  if (fact.type !== 'targets.blamed' && fact.path !== context.pathIds[fact.family]) return context;
  const health = { ...context.health, [fact.family]: healthAfter(context, fact) };
  return { ...context, health, now: fact.at };
}

type HealthFact = Extract<InterfaceFact, { readonly family: Family }>;

function healthAfter({ health, config }: InterfaceContext, fact: HealthFact): Health {
  const before = health[fact.family];
  if (fact.type === 'probe.finished') return applyRound(before, fact.round, fact.at, config.probe);
  if (fact.type === 'targets.blamed') return blame(before, fact.targets, targetsOf(config, fact.family), config.probe);
  return applyLateAnswer(before, fact.round, fact.sample, fact.at, config.probe);
}

const targetsOf = ({ probe }: Config, family: Family): readonly string[] =>
  probe.targets[family].map(({ text }) => text);

/** What follows from the facts of the link, and from what else is known of it. */
function withLink(context: InterfaceContext): InterfaceContext {
  const { facts, claims, lease, withheld, budget } = context;
  const configured = context.classification.configured?.gateway;
  const gateways = perFamily((family) =>
    findGateway(
      family,
      facts,
      configured?.[family] ?? null,
      context.gateways[family],
      family === 'ipv4' ? lease : null,
    ),
  );
  const assessed = assess(facts, context.classification, gateways, claims, withheld);
  const candidacy = withinBudget(assessed, facts.name, context.classification.policy, budget);
  const linked = { ...context, gateways };
  // An MTU or a counter-part's route that changed is no new candidacy: others compare it by identity.
  return isEqual(candidacy, context.candidacy) ? linked : withCandidacy(linked, candidacy);
}

function withCandidacy(context: InterfaceContext, candidacy: Candidacy): InterfaceContext {
  const { paths: before } = context.candidacy;
  const isNew = perFamily((family) => !leavesTheSameWay(before[family], candidacy.paths[family]));
  const generations = perFamily((family) => context.generations[family] + Number(isNew[family]));
  return {
    ...context,
    candidacy: isEqual(before, candidacy.paths) ? { ...candidacy, paths: before } : candidacy,
    generations,
    pathIds: pathIdsOf(context.birth, candidacy, generations),
    health: perFamily((family) => (isNew[family] ? clear(context.health[family]) : context.health[family])),
  };
}

/** What tells the paths there are from those there were. */
export const pathIdsOf = (
  birth: number,
  { paths }: Candidacy,
  generations: PerFamily<number>,
): PerFamily<string | null> =>
  perFamily((family) => {
    const path = paths[family];
    return path === null ? null : pathIdentity(path, `${birth}.${generations[family]}`);
  });

/** Whether two plain values, made by the same code, are alike in everything. */
const isEqual = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Same source, same gateway: what was measured on the one holds for the other. */
const leavesTheSameWay = (a: UplinkPath | null, b: UplinkPath | null): boolean =>
  a === null || b === null ? a === b : a.gateway === b.gateway && a.addresses[0]?.address === b.addresses[0]?.address;

const betterFirst: readonly Verdict[] = ['healthy', 'degraded', 'failed'];

/** The verdict that the lifecycle follows: that of the better family. */
export const lifecycleVerdict = ({ health }: InterfaceContext): Verdict =>
  betterFirst.find((verdict) => families.some((family) => health[family].verdict === verdict)) ?? 'unknown';

export const verdictEvent = (context: InterfaceContext): Consequence => {
  const verdict = lifecycleVerdict(context);
  return { type: verdict === 'unknown' ? 'verdict.cleared' : `verdict.${verdict}` };
};

/** Something answered on a path that is in use still: one that never worked cannot be lost. */
const hasBeenReached = ({ health }: InterfaceContext): boolean =>
  families.some((family) => health[family].rounds.some(({ samples }) => samples.some(hasAnswered)));

/** What became different, in the words of the statechart. */
export function consequences(before: InterfaceContext, after: InterfaceContext): readonly Consequence[] {
  const found: Consequence[] = [];
  if (before.facts.hasCarrier && !after.facts.hasCarrier) found.push({ type: 'carrier.lost' });
  const wasPresent = isPresent(before.facts);
  if (wasPresent !== isPresent(after.facts)) found.push({ type: wasPresent ? 'presence.lost' : 'presence.returned' });
  const verdict = lifecycleVerdict(after);
  const previous = lifecycleVerdict(before);
  if (verdict === previous) return found;
  if (verdict === 'failed' && hasBeenReached(after)) found.push({ type: 'reachability.lost' });
  return [...found, verdictEvent(after)];
}

/** How long a transition on a verdict waits: its hold-down, and what is left of the shortest stay. The later ends both. */
export function holdDown(context: InterfaceContext, name: keyof LifecycleConfig): Milliseconds {
  const { lifecycle } = context.config;
  const left = lifecycle.minStateDuration - elapsed(context.since, context.now);
  return asDelay(name === 'minStateDuration' ? left : Math.max(lifecycle[name], left));
}
