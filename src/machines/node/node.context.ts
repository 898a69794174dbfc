/** What the root actor knows, and what it tells the world. */
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { NodeEvent, NodeIntent } from '../../model/events.ts';
import type { Family, PerFamily } from '../../model/family.ts';
import type { StrandedFlows } from '../../model/flows.ts';
import type { HotspotMode, RadioFacts } from '../../model/hotspot.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import type { Lease } from '../../model/lease.ts';
import type { UplinkPath } from '../../model/network.ts';
import type { Verdict } from '../../model/probe.ts';
import type { Instant } from '../../model/units.ts';
import type { BudgetLevel } from '../../model/usage.ts';
import type { Claim } from '../interface/candidacy.decisions.ts';
import type { Classification } from '../interface/classification.decisions.ts';
import type { DepartureDecided, DepartureInput, Standing } from '../departure/departure.context.ts';
import type { InterfaceUpdated, UplinkView, Ways } from '../interface/interface.context.ts';
import type { LeaseUpdated, LeaseView } from '../lease/lease.context.ts';
import type { HotspotUpdated, HotspotView, Surroundings } from '../hotspot/hotspot.context.ts';
import type { SelectionChanged } from '../selection/selection.context.ts';
import type { TetherStanding, TetherUpdated, TetherView } from '../tether/tether.context.ts';

export interface NodeInput {
  readonly config: Config;
}

/** An interface that is looked at: it has an actor. */
export interface Uplink {
  readonly facts: InterfaceFacts;
  readonly classification: Classification;
  /** Its addresses that a better interface has too. */
  readonly claims: readonly Claim[];
}

/** An interface that is not looked at. */
export interface IgnoredInterface {
  readonly name: string;
  readonly because: string;
  readonly problem: Problem | null;
}

/** A target that is at fault itself: through one uplink, or (`index` null) through all. */
export interface BlamedTarget {
  readonly family: Family;
  readonly target: string;
  readonly index: number | null;
}

/** An actor that ended with an error. */
export interface Failure {
  /** Failures in quick succession. */
  readonly count: number;
  readonly at: Instant;
  readonly message: string;
}

/** The uplink that carries a family's traffic, and how. */
export interface Carrying {
  readonly index: number;
  readonly name: string;
  /** The latest there was: it is needed when it is lost. */
  readonly path: UplinkPath;
  readonly isExpensive: boolean;
}

/** An uplink that was left in one family. */
export interface Departure {
  readonly input: DepartureInput;
  /** What its actor was told last; null: nothing yet. */
  readonly standing: Standing | null;
  /** What its actor decided. */
  readonly stranded: StrandedFlows | null;
}

/** What the actors of an interface were told of each other last. */
export interface Told {
  readonly lease: Lease | null;
  readonly withheld: string | null;
  readonly verdict: Verdict;
  readonly standing: TetherStanding;
}

/** The hotspot as the root knows it. */
export interface HotspotStanding {
  /** Undefined: nobody has said yet. */
  readonly radio: RadioFacts | null | undefined;
  readonly mode: HotspotMode;
  /** What is known of the run before; it may come before there is an actor. */
  readonly remembered: Extract<NodeEvent, { type: 'hotspot.remembered' }> | null;
  /** What its actor was told last of the uplinks. */
  readonly told: Surroundings;
  /** What it said last; null: nothing yet. */
  readonly view: HotspotView | null;
}

/** What the actor of a family said last. */
export type Selected = Pick<SelectionChanged, 'active' | 'ranking'>;

export interface NodeContext {
  readonly config: Config;
  readonly now: Instant;
  /** By ifindex, like all that follows. */
  readonly uplinks: ReadonlyMap<number, Uplink>;
  readonly ignored: ReadonlyMap<number, IgnoredInterface>;
  readonly views: ReadonlyMap<number, UplinkView>;
  readonly ways: ReadonlyMap<number, Ways>;
  /** Of the interfaces whose lease backhauld holds, or would. */
  readonly leases: ReadonlyMap<number, LeaseView>;
  readonly tethers: ReadonlyMap<number, TetherView>;
  readonly told: ReadonlyMap<number, Told>;
  /** The highest number that a request for a lease has had. */
  readonly requests: number;
  /** Null until the family's actor has said its first word. */
  readonly selected: PerFamily<Selected | null>;
  readonly carrying: PerFamily<Carrying | null>;
  /** By the id of the actor. */
  readonly departures: ReadonlyMap<string, Departure>;
  /** How much of their budgets is used. Missing: little, or they have none. */
  readonly budgets: ReadonlyMap<number, BudgetLevel>;
  /** Null: the machine has no battery, or does not say. */
  readonly onBattery: boolean | null;
  readonly pinned: string | null;
  /** Null where the configuration has none. */
  readonly hotspot: HotspotStanding | null;
  readonly blamed: readonly BlamedTarget[];
  /** Operations that failed, by the object they were about. */
  readonly failedOperations: ReadonlyMap<string, Problem>;
  /** The ids of the children that are there. */
  readonly actors: ReadonlySet<string>;
  /** How many interfaces' actors have been started: it tells the paths of one from those of another. */
  readonly births: number;
  /** By the id of the actor. */
  readonly failures: ReadonlyMap<string, Failure>;
  readonly problems: readonly Problem[];
  /** What is wanted now; the same object for as long as nothing else is wanted. */
  readonly intent: NodeIntent;
}

export type NodeMachineEvent =
  | NodeEvent
  | InterfaceUpdated
  | SelectionChanged
  | DepartureDecided
  | HotspotUpdated
  | LeaseUpdated
  | TetherUpdated
  | { readonly type: `xstate.error.actor.${string}`; readonly error: unknown; readonly actorId: string }
  | { readonly type: 'actor.restartDue'; readonly actorId: string };
