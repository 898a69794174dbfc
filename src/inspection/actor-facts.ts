/** What a person wants to know of an actor at a glance: its name, the most telling things it knows, and what it awaits. */
import type { SnapshotFrom } from 'xstate';
import type { DepartureContext } from '../machines/departure/departure.context.ts';
import type { departureMachine } from '../machines/departure/departure.machine.ts';
import type { HotspotContext } from '../machines/hotspot/hotspot.context.ts';
import { viewOf as hotspotView } from '../machines/hotspot/hotspot.decisions.ts';
import type { hotspotMachine } from '../machines/hotspot/hotspot.machine.ts';
import type { InterfaceContext } from '../machines/interface/interface.context.ts';
import type { interfaceMachine } from '../machines/interface/interface.machine.ts';
import type { NodeContext } from '../machines/node/node.context.ts';
import type { LeaseContext } from '../machines/lease/lease.context.ts';
import { timeoutOf } from '../machines/lease/lease.decisions.ts';
import type { leaseMachine } from '../machines/lease/lease.machine.ts';
import type { nodeMachine } from '../machines/node/node.machine.ts';
import { scoreOf } from '../machines/interface/score.decisions.ts';
import type { SelectionContext } from '../machines/selection/selection.context.ts';
import type { selectionMachine } from '../machines/selection/selection.machine.ts';
import type { TetherContext } from '../machines/tether/tether.context.ts';
import { viewOf as tetherView } from '../machines/tether/tether.decisions.ts';
import type { tetherMachine } from '../machines/tether/tether.machine.ts';
import { families, type Family } from '../model/family.ts';
import type { ActorView, MachineName } from '../model/trace.ts';
import { instant, type Instant, type Milliseconds } from '../model/units.ts';

/** A snapshot of any of the machines. */
export type MachineSnapshot =
  | SnapshotFrom<typeof nodeMachine>
  | SnapshotFrom<typeof interfaceMachine>
  | SnapshotFrom<typeof selectionMachine>
  | SnapshotFrom<typeof departureMachine>
  | SnapshotFrom<typeof hotspotMachine>
  | SnapshotFrom<typeof leaseMachine>
  | SnapshotFrom<typeof tetherMachine>;

export type MachineContext = MachineSnapshot['context'];
export type Facts = ActorView['facts'];

/** An event that the scheduler of the machines keeps until its delay is over. */
export interface AwaitedEvent {
  readonly type: string;
  /** The delay's name in the chart; null for an event that the actor raises with a delay. */
  readonly delay: string | null;
  readonly duration: Milliseconds;
  /** The actor that a restart is about. */
  readonly actorId: string | null;
}

/** A delay by its name, and when it began. */
export interface Wait {
  readonly delay: string;
  readonly startedAt: Instant;
}

export const familyNames: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

interface Portrait<Context> {
  label(context: Context): string;
  facts(context: Context): Facts;
  /**
   * Read from what the actor knows, so that it is the same whenever one looks: the scheduler tells the time on the wall
   * only. Null when nothing is waited for any more.
   */
  wait(context: Context, awaited: AwaitedEvent): Wait | null;
}

const node: Portrait<NodeContext> = {
  label: () => 'node',
  facts: ({ selected, uplinks, ignored, pinned, problems, intent, blamed, failures }) => [
    ...families.map((family) => ({ name: familyNames[family], value: selected[family]?.active?.name ?? 'no way out' })),
    { name: 'uplinks', value: String(uplinks.size) },
    { name: 'ignored', value: listed([...ignored.values()].map(({ name }) => name)) },
    { name: 'probed', value: String(intent.probes.length) },
    { name: 'pinned', value: pinned ?? 'none' },
    { name: 'targets at fault', value: listed(blamed.map(({ target }) => target)) },
    { name: 'failed actors', value: listed([...failures.keys()]) },
    { name: 'problems', value: problems.length === 0 ? 'none' : problems.map(({ message }) => message).join('; ') },
  ],
  wait({ failures }, { type, actorId }) {
    const failure = type === 'actor.restartDue' && actorId !== null ? failures.get(actorId) : undefined;
    return failure === undefined ? null : { delay: 'restartBackOff', startedAt: failure.at };
  },
};

const uplink: Portrait<InterfaceContext> = {
  label: ({ facts }) => facts.name,
  facts(context) {
    const { classification, candidacy, pending, isSuppressed } = context;
    return [
      { name: 'type', value: classification.type },
      { name: 'candidate', value: candidacy.because === null ? 'yes' : `no: ${candidacy.because}` },
      ...families.map((family) => ({ name: familyNames[family], value: healthOf(context, family) })),
      { name: 'pending', value: pending === null ? 'nothing' : `to be ${pending.to}` },
      { name: 'flapping', value: isSuppressed ? 'held back' : 'no' },
    ];
  },
  wait({ damping, pending }, { delay }) {
    if (delay === null) return null;
    if (delay === 'reuse') return { delay, startedAt: damping.at };
    return pending === null ? null : { delay, startedAt: pending.since };
  },
};

function healthOf({ health, candidacy, classification, config }: InterfaceContext, family: Family): string {
  if (candidacy.paths[family] === null) return 'no way out';
  const { verdict, figures, isCaptive } = health[family];
  if (figures.samples === 0) return verdict;
  const score = Math.trunc(scoreOf(figures, classification.type, config.scoring).total);
  const rtt = figures.avgRttMs === null ? 'no answer' : shownRtt(figures.avgRttMs);
  const loss = `${Math.round(figures.packetLossPercent)} % lost`;
  return `${verdict}${isCaptive ? ' (captive portal)' : ''}, ${rtt}, ${loss}, score ${score}`;
}

const selection: Portrait<SelectionContext> = {
  label: ({ family }) => familyNames[family],
  facts: ({ active, choice, ranking, contenders, awaited, pinned }) => [
    { name: 'active', value: active?.name ?? 'none' },
    { name: 'chosen', value: active === null ? 'nothing' : `by the rule "${active.rule}": ${active.because}` },
    { name: 'decision', value: choice === null ? 'none yet' : `${choice.rule}: ${choice.because}` },
    {
      name: 'ranking',
      value: listed(
        ranking.map(({ index, isReachable }) => {
          const name = contenders.get(index)?.name ?? `interface ${index}`;
          return isReachable ? name : `${name} (out of reach)`;
        }),
      ),
    },
    {
      name: 'challenge',
      value:
        awaited === null
          ? 'none'
          : `${awaited.name} leads${awaited.roundsLeft === 0 ? '' : `, ${awaited.roundsLeft} more rounds to win`}`,
    },
    { name: 'pinned', value: pinned ?? 'none' },
  ],
  wait({ awaited }, { delay, duration }) {
    if (awaited === null || delay === null) return null;
    return { delay, startedAt: instant(awaited.dueAt - duration) };
  },
};

const departure: Portrait<DepartureContext> = {
  label: ({ name, family }) => `${name} (${familyNames[family]})`,
  facts: ({ path, isExpensive, isDead, hasWayOut }) => [
    { name: 'left from', value: listed(path.addresses.map(({ address }) => address)) },
    { name: 'costs money', value: isExpensive ? 'yes' : 'no' },
    { name: 'dead', value: isDead ? 'yes' : 'no' },
    { name: 'another way out', value: hasWayOut ? 'yes' : 'no' },
  ],
  wait: ({ now }, { delay }) => (delay === null ? null : { delay, startedAt: now }),
};

const lease: Portrait<LeaseContext> = {
  label: ({ facts }) => facts.name,
  facts: ({ phase, lease: held, request, failures, problem, config, classification }) => [
    { name: 'phase', value: phase },
    { name: 'address', value: held === null ? 'none' : `${held.address}/${held.prefixLength}` },
    { name: 'gateway', value: held?.gateway ?? 'none' },
    { name: 'name servers', value: listed(held?.dns ?? []) },
    { name: 'request', value: `number ${request}, for ${timeoutOf({ config, classification }) / 1000} s` },
    { name: 'failures', value: String(failures) },
    { name: 'problem', value: problem?.message ?? 'none' },
  ],
  wait({ now, dueAt, expiryDueAt }, { delay, duration }) {
    const end = delay === 'expiry' ? expiryDueAt : dueAt;
    return delay === null ? null : { delay, startedAt: end === null ? now : instant(end - duration) };
  },
};

const tether: Portrait<TetherContext> = {
  label: ({ facts }) => facts.name,
  facts(context) {
    const { identity, because, managedBy, withheldBecause } = tetherView(context);
    return [
      { name: 'device', value: identity },
      { name: 'because', value: because },
      { name: 'address held by', value: managedBy ?? 'nobody' },
      { name: 'way out', value: context.hasWay ? 'yes' : 'no' },
      { name: 'may be used', value: withheldBecause === null ? 'yes' : `no: ${withheldBecause}` },
      { name: 'failures', value: String(context.failures) },
    ];
  },
  wait: ({ now, dueAt }, { delay, duration }) =>
    delay === null ? null : { delay, startedAt: dueAt === null ? now : instant(dueAt - duration) },
};

const hotspot: Portrait<HotspotContext> = {
  label: ({ config }) => config.interface,
  facts(context) {
    const { mode, radio, wayOut, wanted, network, clients, failures, key, previousKey, problem } = context;
    const { because } = hotspotView(context);
    return [
      { name: 'because', value: because },
      { name: 'mode', value: mode },
      { name: 'way out', value: wayOut ?? 'none' },
      { name: 'radio', value: radio === undefined ? 'not known yet' : radioText(radio) },
      { name: 'access point', value: wanted === null ? 'none' : `${wanted.placement}, channel ${wanted.channel}` },
      { name: 'on air', value: network === null ? 'no' : `${network.interface}, ${network.ipv4.address}` },
      { name: 'clients', value: String(clients) },
      { name: 'key', value: `number ${key}${previousKey === null ? '' : `, and ${previousKey} still works`}` },
      { name: 'failures', value: String(failures) },
      { name: 'problem', value: problem?.message ?? 'none' },
    ];
  },
  wait({ now, deadline, previousEndsAt, rotationTimerAt, config }, { delay, duration }) {
    if (delay === null) return null;
    // It is not changed by itself; the timer only stands in for none.
    if (delay === 'rotationInterval' && !config.security.pskRotation.enabled) return null;
    const end = delay === 'rotationInterval' ? rotationTimerAt : delay === 'overlap' ? previousEndsAt : deadline;
    return { delay, startedAt: end === null ? now : instant(end - duration) };
  },
};

function radioText(radio: (HotspotContext['radio'] & {}) | null): string {
  if (radio === null) return 'none';
  const { phy, stationChannel } = radio;
  return `${phy ?? 'a bridge'}${stationChannel === null ? '' : `, a station on channel ${stationChannel}`}`;
}

/** Asks the portrait of the machine that a context belongs to. */
function portray<T>(
  context: MachineContext,
  ask: <C extends MachineContext>(portrait: Portrait<C>, context: C) => T,
): T {
  if ('uplinks' in context) return ask(node, context);
  if ('expiresAt' in context) return ask(lease, context);
  if ('hasWay' in context) return ask(tether, context);
  if ('waySince' in context) return ask(hotspot, context);
  if ('facts' in context) return ask(uplink, context);
  return 'linger' in context ? ask(departure, context) : ask(selection, context);
}

export const machineOf = (context: MachineContext): MachineName => {
  if ('uplinks' in context) return 'node';
  if ('expiresAt' in context) return 'lease';
  if ('hasWay' in context) return 'tether';
  if ('waySince' in context) return 'hotspot';
  if ('facts' in context) return 'interface';
  return 'linger' in context ? 'departure' : 'selection';
};
export const labelOf = (context: MachineContext): string => portray(context, (portrait, own) => portrait.label(own));
export const factsOf = (context: MachineContext): Facts => portray(context, (portrait, own) => portrait.facts(own));
export const waitOf = (context: MachineContext, awaited: AwaitedEvent): Wait | null =>
  portray(context, (portrait, own) => portrait.wait(own, awaited));

/** A round-trip time as people read it. */
export const shownRtt = (rtt: number): string => `${rtt < 10 ? Math.round(rtt * 10) / 10 : Math.round(rtt)} ms`;

const listed = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));
