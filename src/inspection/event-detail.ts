/** What an event says, in a few words. */
import type { DepartureEvent } from '../machines/departure/departure.context.ts';
import type { HotspotFact } from '../machines/hotspot/hotspot.context.ts';
import type { InterfaceFact } from '../machines/interface/interface.context.ts';
import type { LeaseFact } from '../machines/lease/lease.context.ts';
import type { NodeMachineEvent } from '../machines/node/node.context.ts';
import type { SelectionFact } from '../machines/selection/selection.context.ts';
import type { TetherFact } from '../machines/tether/tether.context.ts';
import { families } from '../model/family.ts';
import type { InterfaceFacts } from '../model/interface.ts';
import type { UplinkMemory } from '../model/memory.ts';
import { hasAnswered, type Round } from '../model/probe.ts';
import { familyNames, shownRtt } from './actor-facts.ts';
import { isMachineSnapshot } from './actor-view.ts';

/** The name of an interface by its index. */
export type NameOf = (index: number) => string;

/** The name of an interface as the first of the snapshots that knows it says. */
export function nameIn(snapshots: readonly unknown[], index: number): string {
  for (const snapshot of snapshots) {
    if (!isMachineSnapshot(snapshot)) continue;
    const { context } = snapshot;
    const name =
      'uplinks' in context
        ? (context.uplinks.get(index)?.facts.name ?? context.ignored.get(index)?.name)
        : 'contenders' in context
          ? context.contenders.get(index)?.name
          : undefined;
    if (name !== undefined) return name;
  }
  return `interface ${index}`;
}

type TracedEvent =
  | NodeMachineEvent
  | InterfaceFact
  | SelectionFact
  | DepartureEvent
  | HotspotFact
  | LeaseFact
  | TetherFact;
type NamedEvent = Exclude<TracedEvent, { readonly type: `xstate.error.actor.${string}` }>;
type Detail<Type extends NamedEvent['type']> = (event: Extract<NamedEvent, { type: Type }>, nameOf: NameOf) => string;

const details: { readonly [Type in NamedEvent['type']]: Detail<Type> } = {
  'interface.found': ({ facts }) => factsText(facts),
  'interface.changed': ({ facts }) => factsText(facts),
  'interface.lost': ({ index }, nameOf) => nameOf(index),
  'network.observed': ({ incumbents }, nameOf) =>
    families
      .map((family) => {
        const index = incumbents[family];
        return `${familyNames[family]} by ${index === null ? 'none' : nameOf(index)}`;
      })
      .join(', '),
  'probe.finished': ({ index, family, round }, nameOf) =>
    `${nameOf(index)}, ${familyNames[family]}, ${roundText(round)}`,
  'probe.answeredLate': ({ index, family, sample: { target, rtt } }, nameOf) =>
    `${nameOf(index)}, ${familyNames[family]}, ${target} after ${rtt === null ? 'a retransmission' : shownRtt(rtt)}`,
  'target.blamed': ({ index, family, target }, nameOf) => `${familyNames[family]}, ${target}, ${where(index, nameOf)}`,
  'target.cleared': ({ index, family, target }, nameOf) => `${familyNames[family]}, ${target}, ${where(index, nameOf)}`,
  'uplink.suspected': ({ index, family, signal }, nameOf) =>
    `${nameOf(index)}, ${familyNames[family]}, ${signals[signal] ?? signal}`,
  'uplink.remembered': ({ index, memory }, nameOf) => `${nameOf(index)}, ${memoryText(memory)}`,
  'node.resumed': ({ slept }) => `after ${Math.round(slept / 1000)} s`,
  'operation.failed': ({ object, problem }) => `${object}, ${problem.code}`,
  'operation.recovered': ({ object }) => object,
  'command.pin': ({ name }) => name,
  'command.unpin': () => '',
  'radio.changed': ({ radio }) => radio?.interface ?? 'none',
  'hotspot.opened': ({ network: { interface: name, ipv4 } }) => `${name}, ${ipv4.address}/${ipv4.prefixLength}`,
  'hotspot.failed': ({ problem }) => problem.code,
  'hotspot.closed': () => '',
  'hotspot.clients': ({ clients }) => String(clients),
  'hotspot.remembered': ({ key, age }) => `key ${key}, ${Math.round(age / 1000)} s old`,
  'command.hotspot': ({ mode }) => mode,
  'command.rotateKey': () => '',
  'lease.bound': ({ index, lease: { address, prefixLength } }, nameOf) =>
    `${nameOf(index)}, ${address}/${prefixLength}`,
  'lease.remembered': ({ index, lease: { address, prefixLength } }, nameOf) =>
    `${nameOf(index)}, ${address}/${prefixLength}`,
  'lease.lost': ({ index, because }, nameOf) => `${nameOf(index)}, ${because}`,
  'lease.failed': ({ index, problem }, nameOf) => `${nameOf(index)}, ${problem.code}`,
  'budget.changed': ({ index, level }, nameOf) => `${nameOf(index)}, ${level}`,
  'power.changed': ({ onBattery }) => (onBattery === null ? 'unknown' : onBattery ? 'on battery' : 'on mains'),
  'interface.updated': ({ view: { name, lifecycle, contenders } }) =>
    `${name} is ${lifecycle}, ${families
      .map(
        (family) => `${familyNames[family]} ${contenders[family].isUsable ? contenders[family].verdict : 'no way out'}`,
      )
      .join(', ')}`,
  'selection.changed': ({ family, active }) =>
    `${familyNames[family]} by ${active === null ? 'none' : `${active.name}, by the rule "${active.rule}"`}`,
  'departure.decided': ({ index, family, stranded }, nameOf) =>
    `${familyNames[family]}, flows by ${nameOf(index)} ${stranded === null ? 'may finish' : 'are ended'}`,
  'standing.changed': ({ isDead, hasWayOut }) =>
    `${isDead ? 'it is dead' : 'it works'}, ${hasWayOut ? 'another is reachable' : 'no other is reachable'}`,
  'surroundings.changed': ({ wayOut, isRadioUplink }) =>
    `${wayOut === null ? 'nothing is reachable' : `${wayOut} is reachable`}, the radio is ${isRadioUplink ? 'an' : 'no'} uplink`,
  'hotspot.updated': ({ view: { state, because } }) => `it is ${state}: ${because}`,
  'actor.restartDue': ({ actorId }) => actorId,
  'targets.blamed': ({ family, targets }) =>
    `${familyNames[family]}, ${targets.length === 0 ? 'none' : targets.join(', ')}`,
  'lease.updated': ({ index, view: { phase, lease } }, nameOf) =>
    `${nameOf(index)}, ${phase}${lease === null ? '' : `, ${lease.address}/${lease.prefixLength}`}`,
  'lease.changed': ({ lease }) => (lease === null ? 'none' : `${lease.address}/${lease.prefixLength}`),
  'tether.updated': ({ index, view: { state, because } }, nameOf) => `${nameOf(index)} is ${state}: ${because}`,
  'tether.stands': ({ lease, hasWay }) =>
    `${hasWay ? 'it has a way out' : 'it has no way out'}${lease === null ? '' : `, its lease is ${lease}`}`,
  'uplink.withheld': ({ because }) => because ?? 'it may be used',
  'way.judged': ({ verdict }) => verdict,
  'addresses.claimed': ({ claims }) =>
    claims.length === 0 ? 'none' : claims.map(({ address, by }) => `${address} by ${by}`).join(', '),
  'contender.changed': ({ contender: { name, isUsable, lifecycle, verdict, score } }) =>
    isUsable ? `${name}, ${lifecycle}, ${verdict}, score ${Math.trunc(score)}` : `${name}, no way out`,
  'contender.lost': ({ index }, nameOf) => nameOf(index),
  'pin.changed': ({ pinned }) => pinned ?? 'none',
};

/** An event of ours in a few words; of XState's own, what it is about. */
export function detailOf(event: { readonly type: string }, nameOf: NameOf): string {
  if (isNamed(event)) return detailOfNamed(event, nameOf);
  if (!('error' in event)) return '';
  return event.error instanceof Error ? event.error.message : String(event.error);
}

const isNamed = (event: { readonly type: string }): event is NamedEvent => Object.hasOwn(details, event.type);

const detailOfNamed = <Type extends NamedEvent['type']>(
  event: Extract<NamedEvent, { type: Type }>,
  nameOf: NameOf,
): string => (details[event.type] as Detail<Type>)(event, nameOf);

function factsText({ name, isUp, hasCarrier, addresses, defaultRoutes }: InterfaceFacts): string {
  const own = families.flatMap((family) => addresses[family]);
  const gateways = new Set(defaultRoutes.map(({ gateway }) => gateway ?? 'the link'));
  return [
    name,
    isUp ? (hasCarrier ? 'carrier' : 'no carrier') : 'down',
    ...(own.length === 0 ? ['no address'] : own.map(({ address, prefixLength }) => `${address}/${prefixLength}`)),
    ...[...gateways].map((gateway) => `via ${gateway}`),
  ].join(', ');
}

function roundText({ cause, samples }: Round): string {
  const rtts = samples.flatMap(({ rtt }) => (rtt === null ? [] : [rtt]));
  const answered = `${samples.filter(hasAnswered).length} of ${samples.length} answered`;
  const best = rtts.length === 0 ? '' : `, ${shownRtt(Math.min(...rtts))}`;
  return `${answered}${best}${cause === 'interval' ? '' : cause === 'burst' ? ', in a burst' : ', as a cross-check'}`;
}

function memoryText({ lifecycle, damping, measured }: UplinkMemory): string {
  return [
    ...(lifecycle === null ? [] : [`it was ${lifecycle.state}`]),
    ...families.flatMap((family) => {
      const known = measured[family];
      return known === null ? [] : [`${familyNames[family]} ${known.verdict}`];
    }),
    ...(damping.merit >= 1 ? [`penalty ${Math.trunc(damping.merit)}${damping.isSuppressed ? ', held back' : ''}`] : []),
  ].join(', ');
}

const where = (index: number | null, nameOf: NameOf): string => (index === null ? 'everywhere' : `by ${nameOf(index)}`);

const signals: Readonly<Record<string, string>> = {
  neighbourFailed: 'its gateway does not answer',
  addressLost: 'an address is lost',
  defaultRouteLost: 'a default route is lost',
  stalled: 'nothing comes back',
  thinned: 'much less comes back',
  dnsSilent: 'no name server answers',
  signalLost: 'its signal is lost',
};
