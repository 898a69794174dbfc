/** How the root's context changes with what it is told, and what its children start with. */
import type { Config } from '../../model/config.ts';
import { perFamily, type Family } from '../../model/family.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import type { Switch } from '../../model/status.ts';
import { elapsed, instant, milliseconds, minutes, seconds, type Milliseconds } from '../../model/units.ts';
import { findClaims, type Claim } from '../interface/candidacy.decisions.ts';
import { classify } from '../interface/classification.decisions.ts';
import { initialStanding } from './hotspot-standing.decisions.ts';
import { noIntent } from './intent.decisions.ts';
import type { InterfaceInput, UplinkView } from '../interface/interface.context.ts';
import { withEntry, withoutEntry } from '../map-entries.ts';
import type { BlamedTarget, Failure, NodeContext, NodeInput, NodeMachineEvent, Uplink } from './node.context.ts';
import type { Active, SelectionChanged, SelectionInput } from '../selection/selection.context.ts';
import { withheldBecause } from './withheld.decisions.ts';

export function initialContext({ config }: NodeInput): NodeContext {
  return {
    config,
    now: instant(0),
    uplinks: new Map(),
    ignored: new Map(),
    views: new Map(),
    ways: new Map(),
    leases: new Map(),
    tethers: new Map(),
    told: new Map(),
    requests: 0,
    selected: perFamily(() => null),
    carrying: perFamily(() => null),
    departures: new Map(),
    budgets: new Map(),
    onBattery: null,
    pinned: null,
    hotspot: initialStanding(config),
    blamed: [],
    failedOperations: new Map(),
    actors: new Set(),
    births: 0,
    failures: new Map(),
    problems: [],
    intent: noIntent,
  };
}

export const interfaceActor = (index: number): string => `interface ${index}`;
export const selectionActor = (family: Family): string => `selection ${family}`;

/** The interface an event is about; null for none. */
export function indexOf(event: NodeMachineEvent): number | null {
  if ('facts' in event) return event.facts.index;
  return 'index' in event ? event.index : null;
}

/**
 * Whether an interface is still what it was. A renamed one is a new one, and so is one that the configuration or its
 * device now say is something else.
 */
export function isSameUplink({ uplinks, config }: NodeContext, facts: InterfaceFacts): boolean {
  const known = uplinks.get(facts.index);
  if (known === undefined || known.facts.name !== facts.name) return false;
  const { isIgnored, type, configured } = classify(facts, config);
  return !isIgnored && known.classification.type === type && known.classification.configured === configured;
}

/**
 * Takes an interface in, or what became different of it. Others get addresses back by that at once, and lose some only
 * with `withSettledClaims`: by then there is one that has them.
 */
export function withFacts({ uplinks, ignored, config }: NodeContext, facts: InterfaceFacts): Partial<NodeContext> {
  const { index, name } = facts;
  const classification = classify(facts, config);
  if (classification.ignoredBecause !== null) {
    const { ignoredBecause: because, problem } = classification;
    return { ignored: withEntry(ignored, index, { name, because, problem }) };
  }
  const uplink: Uplink = { facts, classification, claims: uplinks.get(index)?.claims ?? nothing };
  const isOwnOrLess: MayClaim = (one, claims, before) =>
    one === index || claims.every(({ address }) => before.some((claim) => claim.address === address));
  return { uplinks: withClaims(withEntry(uplinks, index, uplink), config, isOwnOrLess) };
}

/** Says of every uplink which of its addresses a better one has too. */
export const withSettledClaims = ({ uplinks, config }: NodeContext): Partial<NodeContext> => ({
  uplinks: withClaims(uplinks, config, () => true),
});

/** Forgets everything about an interface: nothing of it is inherited by one that comes after. */
export function withoutInterface(context: NodeContext, index: number): Partial<NodeContext> {
  return {
    uplinks: withoutEntry(context.uplinks, index),
    ignored: withoutEntry(context.ignored, index),
    views: withoutEntry(context.views, index),
    ways: withoutEntry(context.ways, index),
    actors: without(context.actors, interfaceActor(index)),
    failures: withoutEntry(context.failures, interfaceActor(index)),
    blamed: context.blamed.filter((blamed) => blamed.index !== index),
  };
}

const nothing: readonly Claim[] = [];

type MayClaim = (index: number, claims: readonly Claim[], before: readonly Claim[]) => boolean;

/** An uplink of which nothing else is said than before stays itself. */
function withClaims(
  uplinks: ReadonlyMap<number, Uplink>,
  { scoring: { bias } }: Config,
  mayClaim: MayClaim,
): ReadonlyMap<number, Uplink> {
  const found = findClaims(uplinks.values(), bias);
  const next = new Map(uplinks);
  for (const [index, uplink] of uplinks) {
    const { claims: before } = uplink;
    const claims = found.get(index) ?? nothing;
    const isSame = claims.length === before.length && claims.every((claim, i) => isSameClaim(claim, before[i]));
    if (!isSame && mayClaim(index, claims, before)) next.set(index, { ...uplink, claims });
  }
  return next;
}

const isSameClaim = (a: Claim, b: Claim | undefined): boolean => a.address === b?.address && a.by === b.by;

/** The actors that must be told another list of claims. */
export const newClaims = (
  { uplinks: before, actors }: NodeContext,
  { uplinks: now }: Partial<NodeContext>,
): readonly { readonly id: string; readonly claims: readonly Claim[] }[] =>
  [...(now ?? before)]
    .filter(([index, { claims }]) => before.get(index)?.claims !== claims && actors.has(interfaceActor(index)))
    .map(([index, { claims }]) => ({ id: interfaceActor(index), claims }));

/** Takes in what an interface's actor says of itself. */
export const withView = ({ views, ways }: NodeContext, index: number, view: UplinkView): Partial<NodeContext> => ({
  views: withEntry(views, index, view),
  ways: ways.get(index) === view.ways ? ways : withEntry(ways, index, view.ways),
});

type BlameEvent = Extract<NodeMachineEvent, { type: 'target.blamed' | 'target.cleared' }>;

export function withBlame(blamed: readonly BlamedTarget[], event: BlameEvent): readonly BlamedTarget[] {
  const { family, target, index } = event;
  const others = blamed.filter((b) => b.family !== family || b.target !== target || b.index !== index);
  return event.type === 'target.blamed' ? [...others, { family, target, index }] : others;
}

/** The targets that are no evidence about one uplink. */
export function blamedFor(blamed: readonly BlamedTarget[], index: number, family: Family): readonly string[] {
  const concerned = blamed.filter((b) => b.family === family && (b.index === null || b.index === index));
  return [...new Set(concerned.map(({ target }) => target))];
}

type OperationEvent = Extract<NodeMachineEvent, { type: 'operation.failed' | 'operation.recovered' }>;

/** The operations that fail, by object, after one more failed or was carried out. */
export const withOperation = (
  failed: NodeContext['failedOperations'],
  event: OperationEvent,
): NodeContext['failedOperations'] =>
  event.type === 'operation.failed'
    ? withEntry(failed, event.object, event.problem)
    : withoutEntry(failed, event.object);

const calmAfter = minutes(10);
const firstBackOff = milliseconds(100);
const longestBackOff = seconds(60);

/** Notes that an actor failed, and how often it did of late. */
export function withFailure({ failures, actors, now }: NodeContext, id: string, error: unknown): Partial<NodeContext> {
  const before = failures.get(id);
  const isAgain = before !== undefined && elapsed(before.at, now) < calmAfter;
  const message = error instanceof Error ? error.message : String(error);
  return {
    failures: withEntry(failures, id, { count: isAgain ? before.count + 1 : 1, at: now, message }),
    actors: without(actors, id),
  };
}

/** How long a failed actor stays down. */
export const restartBackOff = (failure: Failure | undefined): Milliseconds =>
  milliseconds(Math.min(longestBackOff, firstBackOff * 2 ** Math.min(16, (failure?.count ?? 1) - 1)));

/** What an interface's actor starts with; null when there is no such interface. */
export function interfaceInput(context: NodeContext, index: number): InterfaceInput | null {
  const { config, uplinks, blamed, births, now, leases } = context;
  const uplink = uplinks.get(index);
  if (uplink === undefined) return null;
  const lease = leases.get(index)?.lease ?? null;
  const withheld = withheldBecause(context, index);
  const blamedHere = { ipv4: blamedFor(blamed, index, 'ipv4'), ipv6: blamedFor(blamed, index, 'ipv6') };
  const budget = context.budgets.get(index) ?? 'below';
  return { ...uplink, config, blamed: blamedHere, birth: births + 1, lease, withheld, budget, at: now };
}

/** One more interface's actor is there. */
export const withInterfaceActor = ({ actors, births }: NodeContext, index: number): Partial<NodeContext> => ({
  actors: new Set(actors).add(interfaceActor(index)),
  births: births + 1,
});

/** What the actor of a family starts with. */
export const selectionInput = (
  { config, views, pinned, now }: NodeContext,
  family: Family,
  incumbent: number | null,
): SelectionInput => ({
  family,
  config: config.selection,
  contenders: [...views.values()].map(({ contenders }) => contenders[family]),
  pinned,
  incumbent,
  at: now,
});

export const switchOf = ({ family, active }: SelectionChanged, before: Active | null): Switch => ({
  family,
  from: before?.name ?? null,
  to: active?.name ?? null,
  rule: active?.rule ?? 'usable',
  because: active?.because ?? 'no uplink has a way out',
});

const without = <T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> =>
  new Set([...set].filter((other) => other !== item));
