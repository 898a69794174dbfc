/** What must hold of the hotspot whatever happens to it. */
import type { SnapshotFrom } from 'xstate';
import type { HotspotPhase, HotspotUpdated } from '../../../src/machines/hotspot/hotspot.context.ts';
import type { hotspotMachine } from '../../../src/machines/hotspot/hotspot.machine.ts';
import type { HotspotState } from '../../../src/model/hotspot.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof hotspotMachine>;

/** What waits for a time. */
const timed: readonly HotspotPhase[] = [
  'waiting',
  'searching',
  'starting',
  'yielding',
  'returning',
  'stopping',
  'failed',
];
const onItsWay: readonly HotspotPhase[] = ['waiting', 'searching', 'starting', 'serving', 'yielding'];

export function violations({ snapshot, before, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { context, value } = snapshot;
  const { phase, mode, wayOut, wanted, network, clients, view, key, previousKey, opening, config, problem } = context;
  const state = stateOf(value);
  const latest = told.at(-1) as HotspotUpdated | undefined;
  const service = timers.filter(({ event }) => event.includes('hotspot.service'));
  const rotation = timers.filter(({ event }) => event.startsWith('xstate.after.rotationInterval.'));
  const overlap = timers.filter(({ event }) => event.startsWith('xstate.after.overlap.'));
  const isOpen = state === 'starting' || state === 'active';
  return broken({
    'the phase is the state of the chart': JSON.stringify(value).includes(`"${phase}"`) || isLeaf(value, phase),
    'the parent knows the latest': latest?.view === view && view?.state === state && view.mode === mode,
    'why it is so is said': (view?.because.length ?? 0) > 10,
    'an access point is wanted exactly while it starts or is active': isOpen === (wanted !== null),
    'what is wanted is told': (view?.intent ?? null) === null ? wanted === null : view?.intent?.opening === opening,
    'it is on air exactly while it is active': (state === 'active') === (network !== null),
    'nobody is connected to what is not there': clients === 0 || wanted !== null,
    'one timer runs exactly where time is waited for': timed.includes(phase) === (service.length === 1),
    'it waits for nothing that is over': timers.every(({ dueAt }) => dueAt >= now),
    'the timer ends when it is said to': service.every(({ dueAt }) => dueAt === context.deadline),
    'it opens by itself only while nothing is reachable':
      mode !== 'auto' || wayOut === null || !onItsWay.includes(phase),
    'who is switched off opens nothing': mode !== 'off' || ['idle', 'stopping', 'failed'].includes(phase),
    'it closes by itself only by what an operator leaves to it': phase !== 'returning' || mode === 'auto',
    'its radio looks for its network only where it has one, and nobody is connected':
      phase !== 'yielding' ||
      (context.isRadioUplink &&
        clients === 0 &&
        (wanted?.placement === 'alone' || context.radio?.stationChannel === null)),
    'a radio is held exactly from its opening until it is given back':
      !isOpen || context.holdsRadio === (wanted?.placement === 'alone'),
    'an error has a problem': state !== 'error' || problem !== null,
    'without a radio there is none': context.radio !== null || !isOpen,
    'openings are counted': before === null || [0, 1].includes(opening - before.context.opening),
    'an access point stays what it was but for its channel':
      before === null || before.context.opening !== opening || isSamePlace(before, snapshot),
    'the timer of the rotation runs always': rotation.length === 1,
    'the previous key works for as long as its timer runs': (previousKey !== null) === (overlap.length === 1),
    'the previous key is an older one': previousKey === null || previousKey === key - 1,
    'no key works for longer than the overlap after another':
      context.previousEndsAt === null || context.previousEndsAt - now <= config.security.pskRotation.overlap,
  });
}

function stateOf(value: Snapshot['value']): HotspotState {
  const { service } = value;
  if (typeof service === 'string') return service;
  if ('inactive' in service) return 'inactive';
  return 'active' in service ? 'active' : 'error';
}

const isLeaf = ({ service }: Snapshot['value'], phase: HotspotPhase): boolean => service === phase;

const isSamePlace = (before: Snapshot, { context: { wanted } }: Snapshot): boolean =>
  wanted === null || before.context.wanted === null || before.context.wanted.placement === wanted.placement;
