/** What must hold of the root whatever happens to it. */
import type { SnapshotFrom } from 'xstate';
import { interfaceActor, selectionActor } from '../../../src/machines/node/node.decisions.ts';
import { hotspotActor } from '../../../src/machines/hotspot/hotspot.decisions.ts';
import { leaseActor } from '../../../src/machines/lease/lease.decisions.ts';
import { tetherActor } from '../../../src/machines/tether/tether.decisions.ts';
import type { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import type { NodeEmission } from '../../../src/model/events.ts';
import { families } from '../../../src/model/family.ts';
import { noNetwork } from '../../../src/model/network.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof nodeMachine>;

export const isThere = ({ context }: Snapshot, index: number): boolean =>
  context.uplinks.has(index) || context.ignored.has(index);

export function violations({ snapshot, timers, told }: Sight<Snapshot>): readonly string[] {
  const { value, context } = snapshot;
  const { uplinks, ignored, actors, views, ways, departures, failures, problems, leases, tethers, hotspot } = context;
  const restarts = timers.filter(({ event }) => event === 'actor.restartDue').length;
  const emissions = told as readonly NodeEmission[];
  return broken({
    'an interface is an uplink or ignored, not both': [...uplinks.keys()].every((index) => !ignored.has(index)),
    'the actors are the children': isSameSet(Object.keys(snapshot.children), actors),
    'an uplink has an actor, or one that failed': [...uplinks.keys()].every(
      (index) => actors.has(interfaceActor(index)) || failures.has(interfaceActor(index)),
    ),
    'only an uplink has an actor': [...actors].every(
      (id) =>
        isSelection(id) ||
        id === hotspotActor ||
        context.departures.has(id) ||
        [...uplinks.keys()].some((index) =>
          [interfaceActor, leaseActor, tetherActor].some((name) => name(index) === id),
        ),
    ),
    'a family has an actor, or one that failed, exactly while running': families.every((family) => {
      const id = selectionActor(family);
      return (actors.has(id) || failures.has(id)) === (value === 'running');
    }),
    'an actor that failed is started again': [...failures.keys()].filter((id) => !actors.has(id)).length <= restarts,
    'an actor that failed is a problem until it is started again': [...failures.keys()].every(
      (id) => actors.has(id) !== problems.some(({ code, subject }) => code === 'actor.failed' && subject === id),
    ),
    'only uplinks are known by their views': [...views.keys()].every((index) => uplinks.has(index)),
    'an uplink that was left has an actor, or one that failed': [...departures.keys()].every(
      (id) => actors.has(id) || failures.has(id),
    ),
    'an uplink that is active is not left': [...departures.values()].every(
      ({ input: { index, family } }) => context.selected[family]?.active?.index !== index,
    ),
    'what is to be ended is wanted, and nothing else':
      families.some((family) => context.selected[family] === null) ||
      isSameSet(context.intent.stranded, new Set([...departures.values()].flatMap(({ stranded }) => stranded ?? []))),
    'only uplinks have leases and tethers': [...leases.keys(), ...tethers.keys()].every((index) => uplinks.has(index)),
    'what is asked for, held and set up is what was said':
      families.some((family) => context.selected[family] === null) ||
      (isSameSet(context.intent.leases, new Set([...leases.values()].flatMap(({ intent }) => intent ?? []))) &&
        (context.intent.network.leases ?? []).length ===
          [...leases.values()].filter(({ lease }) => lease !== null).length &&
        (context.intent.network.raised ?? []).length ===
          [...tethers.values()].filter(({ isRaised }) => isRaised).length),
    'an interface is told why it is kept back': [...tethers].every(
      ([index, { withheldBecause }]) =>
        withheldBecause === null || context.told.get(index)?.withheld === withheldBecause,
    ),
    'there is a hotspot, or one that failed, exactly while running where there shall be one':
      (actors.has(hotspotActor) || failures.has(hotspotActor)) === (value === 'running' && hotspot !== null),
    'the access point that is wanted is the one that was said':
      families.some((family) => context.selected[family] === null) ||
      context.intent.hotspot === (hotspot?.view?.intent ?? null),
    'what was told of the hotspot is how it stands':
      hotspot?.view === undefined || hotspot.view === null || hotspotTold(emissions) === hotspot.view.state,
    'the hotspot knows of the uplinks what is so':
      !actors.has(hotspotActor) ||
      (hotspot !== null &&
        hotspot.told.isRadioUplink === [...uplinks.values()].some(({ facts }) => facts.name === 'wlan0') &&
        (hotspot.told.wayOut !== null) ===
          families.some((family) => context.selected[family]?.ranking.some(({ isReachable }) => isReachable))),
    'budgets are of interfaces that are there': [...context.budgets.keys()].every((index) => isThere(snapshot, index)),
    'a view and its ways go together': isSameSet([...ways.keys()], new Set(views.keys())),
    'nothing is wanted while observing': value === 'running' || context.intent.network === noNetwork,
    'an interface that is gone is blamed for nothing': context.blamed.every(
      ({ index }) => index === null || isThere(snapshot, index),
    ),
    'the problems that were told and not solved are the ones there are': isSameSet(
      openProblems(emissions),
      new Set(problems.map(({ message }) => message)),
    ),
    'the states that were told are those of the views': isSameSet(
      toldStates(emissions),
      new Set([...views].map(([index, { lifecycle }]) => `${index} ${lifecycle}`)),
    ),
  });
}

const isSelection = (id: string): boolean => families.some((family) => selectionActor(family) === id);

const isSameSet = <T>(a: readonly T[], b: ReadonlySet<T>): boolean =>
  new Set(a).size === b.size && a.every((one) => b.has(one));

function openProblems(emissions: readonly NodeEmission[]): readonly string[] {
  const open = new Set<string>();
  for (const emission of emissions) {
    if (emission.type === 'problem') open.add(emission.problem.message);
    else if (emission.type === 'problem.solved') open.delete(emission.problem.message);
  }
  return [...open];
}

const hotspotTold = (emissions: readonly NodeEmission[]): string =>
  emissions.reduce((state, emission) => (emission.type === 'hotspot' ? emission.to : state), 'inactive');

function toldStates(emissions: readonly NodeEmission[]): readonly string[] {
  const states = new Map<number, string>();
  for (const emission of emissions) {
    if (emission.type !== 'state') continue;
    if (emission.to === null) states.delete(emission.index);
    else states.set(emission.index, `${emission.index} ${emission.to}`);
  }
  return [...states.values()];
}
