/**
 * A machine in virtual time, as pure logic that `xstate/graph` can search: its state is a snapshot with the timers that
 * run beside it, its events are the names of happenings. A delay ends when its time has come and not before, so that
 * no path is found that time would forbid.
 */
import {
  initialTransition,
  transition,
  type ActorLogic,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type ExecutableActionObject,
} from 'xstate';
import { instant, type Instant } from '../../../src/model/units.ts';
import type { World } from './world.ts';

export interface Timer {
  readonly id: unknown;
  readonly event: AnyEventObject;
  readonly dueAt: number;
}

export interface Moment {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly snapshot: AnyMachineSnapshot;
  readonly now: Instant;
  /** In the order they were started. */
  readonly timers: readonly Timer[];
}

export interface Happened {
  /** The key of the world's happening. */
  readonly type: string;
}

/** What a happening comes to: an event, or time that passes. */
export type Deed = { readonly event: AnyEventObject } | { readonly advance: number };

export interface TimedLogic extends ActorLogic<Moment, Happened, unknown> {
  readonly first: Moment;
  /** What the happening comes to; null where it cannot come. */
  deedOf(moment: Moment, happening: string): Deed | null;
  after(moment: Moment, happening: string): Moment;
}

type Outcome = readonly [snapshot: AnyMachineSnapshot, actions: readonly ExecutableActionObject[]];

export function timedLogic(machine: AnyStateMachine, world: World): TimedLogic {
  // Machines compare by identity: what happens in a moment must be the same object whoever asks.
  const deedOf = perMoment((moment, name): Deed | null => {
    const happening = world.happenings[name];
    if (happening === undefined) throw new Error(`nothing called ${name} happens in ${world.name}`);
    if (typeof happening === 'function') {
      const event = happening(moment.snapshot, moment.now) as AnyEventObject | null;
      return event === null ? null : { event };
    }
    if (happening.wait !== 'deadline') return { advance: happening.wait };
    const next = nextTimer(moment.timers);
    return next === null ? null : { advance: Math.max(0, next.dueAt - moment.now) };
  });
  const after = perMoment((moment, name): Moment => {
    const deed = deedOf(moment, name);
    if (deed === null) return moment;
    return 'event' in deed ? taking(machine, moment, deed.event) : waiting(machine, moment, deed.advance);
  });
  const first = at(initialTransition(machine, world.input), instant(0), []);
  return {
    first,
    deedOf,
    after,
    transition: (moment, { type }) => after(moment, type),
    getInitialSnapshot: () => first,
    getPersistedSnapshot: (moment) => moment,
  };
}

function perMoment<T>(work: (moment: Moment, name: string) => T): (moment: Moment, name: string) => T {
  const done = new WeakMap<Moment, Map<string, T>>();
  return (moment, name) => {
    const known = done.get(moment) ?? new Map<string, T>();
    done.set(moment, known);
    const before = known.get(name);
    if (before !== undefined) return before;
    const result = work(moment, name);
    known.set(name, result);
    return result;
  };
}

const taking = (machine: AnyStateMachine, { snapshot, now, timers }: Moment, event: AnyEventObject): Moment =>
  at(transition(machine, snapshot, event), now, timers);

function waiting(machine: AnyStateMachine, start: Moment, duration: number): Moment {
  const end = start.now + duration;
  let moment = start;
  for (let next = nextTimer(moment.timers); next !== null && next.dueAt <= end; next = nextTimer(moment.timers)) {
    const fired = next;
    const timers = moment.timers.filter((timer) => timer !== fired);
    moment = taking(machine, { ...moment, now: instant(fired.dueAt), timers }, fired.event);
  }
  return { ...moment, now: instant(end) };
}

/** The timer that is due first; of those due together, the one started first. */
export const nextTimer = (timers: readonly Timer[]): Timer | null =>
  timers.reduce<Timer | null>((first, timer) => (first === null || timer.dueAt < first.dueAt ? timer : first), null);

/** A snapshot with the timers that its actions start and cancel. */
function at([snapshot, actions]: Outcome, now: Instant, before: readonly Timer[]): Moment {
  let timers = before;
  for (const { type, params } of actions) {
    const started = type === 'xstate.raise' ? delayedEvent(params) : null;
    if (started !== null) timers = timers.concat({ ...started, dueAt: now + started.delay });
    else if (type === 'xstate.cancel') timers = timers.filter(({ id }) => id !== cancelledId(params));
  }
  return { status: 'active', output: undefined, error: undefined, snapshot, now, timers };
}

export interface DelayedEvent {
  readonly id: unknown;
  readonly event: AnyEventObject;
  readonly delay: number;
}

/** What an action `xstate.raise` was resolved to; null for an event that is raised at once. */
export function delayedEvent(params: unknown): DelayedEvent | null {
  const { id, event, delay } = params as Partial<DelayedEvent>;
  return event === undefined || delay === undefined ? null : { id, event, delay: Math.max(0, delay) };
}

/** The timer that an action `xstate.cancel` ends. */
export const cancelledId = (params: unknown): unknown => (params as { readonly sendId?: unknown }).sendId;
