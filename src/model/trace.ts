import type { NodeEmission } from './events.ts';
import type { Instant, Milliseconds } from './units.ts';

export const machineNames = ['node', 'interface', 'selection', 'departure', 'hotspot', 'lease', 'tether'] as const;
export type MachineName = (typeof machineNames)[number];

/** A delay that runs in an actor. */
export interface TimerView {
  /** Its name in the chart: `upToDegraded`. */
  readonly delay: string;
  /** The state that waits, by its id in the chart; null for a delayed event that the actor sends to itself. */
  readonly state: string | null;
  readonly startedAt: Instant;
  readonly duration: Milliseconds;
}

/** One actor as it stands. */
export interface ActorView {
  /** `node`, `interface.3`, `selection.ipv4`. */
  readonly id: string;
  readonly machine: MachineName;
  /** What a person calls it: `node`, `eth0`, `IPv4`. */
  readonly label: string;
  /** Every active state by its id in the chart, parents before children. */
  readonly states: readonly string[];
  readonly timers: readonly TimerView[];
  /** The most telling things it knows, in the order in which they are read. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

/** One event that an actor took, with what came of it. */
export interface Step {
  /** Counts the steps of a system of actors from 1. */
  readonly number: number;
  readonly at: Instant;
  readonly actor: string;
  readonly event: string;
  /** What the event says, in a few words: `eth0, IPv4, 2 of 2 answered, 14 ms`. */
  readonly detail: string;
  /** Who sent it: the id of an actor, or from where it came. */
  readonly from: string;
  /** The transitions taken, by their ids in the chart, in order. None: the event changed nothing. */
  readonly transitions: readonly string[];
  /** The names of the guards that held on the way. */
  readonly guards: readonly string[];
}

/** What can be seen of the machines, one after the other. */
export type TraceItem =
  /** All actors at once: it stands first, and again wherever items are missing before it. */
  | { readonly type: 'actors'; readonly at: Instant; readonly wallTime: string; readonly actors: readonly ActorView[] }
  /** An actor took an event; `actor` is how it stands after it. */
  | { readonly type: 'step'; readonly step: Step; readonly actor: ActorView }
  | { readonly type: 'actor.started'; readonly at: Instant; readonly actor: ActorView }
  | { readonly type: 'actor.ended'; readonly at: Instant; readonly id: string }
  | { readonly type: 'told'; readonly emission: NodeEmission };
