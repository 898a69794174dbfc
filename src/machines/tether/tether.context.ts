/** What the actor of a tether knows, what comes to it, and what it tells. */
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { NodeEvent } from '../../model/events.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import type { TetherState, TetherStatus } from '../../model/tether.ts';
import type { Instant } from '../../model/units.ts';
import type { Classification } from '../interface/classification.decisions.ts';
import type { LeasePhase } from '../lease/lease.context.ts';

export interface TetherInput {
  readonly config: Config;
  readonly classification: Classification;
  readonly facts: InterfaceFacts;
  readonly standing: TetherStanding;
  /** Its actor failed when it was ready: nothing is new about it. */
  readonly wasReady: boolean;
  readonly at: Instant;
}

/** How the rest of the node stands towards a tether. */
export interface TetherStanding {
  /** Of its lease; null where backhauld holds none. */
  readonly lease: LeasePhase | null;
  /** Why its lease is not there. */
  readonly leaseProblem: Problem | null;
  /** It has an address, and a gateway where it needs one, in any family. */
  readonly hasWay: boolean;
}

export interface TetherContext extends Omit<TetherInput, 'at' | 'standing'>, TetherStanding {
  /** The instant of the latest event or deadline. */
  readonly now: Instant;
  readonly state: TetherState;
  readonly since: Instant;
  /** Failures in a row. */
  readonly failures: number;
  /** When what is waited for now is over. */
  readonly dueAt: Instant | null;
  readonly problem: Problem | null;
  /** What the parent was told last. */
  readonly view: TetherView | null;
}

/** What others need to know of a tether. */
export interface TetherView extends Pick<TetherStatus, 'state' | 'because' | 'managedBy' | 'identity' | 'type'> {
  readonly since: Instant;
  /** Why it may not carry traffic yet, in half a sentence; null: as far as the tether goes it may. */
  readonly withheldBecause: string | null;
  /** Its link shall be set up. */
  readonly isRaised: boolean;
  /** It is asked for what it is tried with, not for what uplinks are probed with. */
  readonly isTried: boolean;
  readonly retryAt: Instant | null;
  readonly problem: Problem | null;
}

/** Everything that comes to a tether from outside. Rounds and late answers are those of the path it has. */
export type TetherFact =
  | Extract<NodeEvent, { type: 'interface.changed' | 'probe.finished' | 'probe.answeredLate' }>
  | ({ readonly type: 'tether.stands'; readonly at: Instant } & TetherStanding);

/** What a fact means to the statechart. */
export type TetherConsequence =
  /** It is looked at for the first time. */
  | { readonly type: 'tether.found' }
  | { readonly type: 'way.gained' }
  | { readonly type: 'way.lost' }
  /** Something beyond it has answered. */
  | { readonly type: 'way.proven' }
  | { readonly type: 'lease.missing' }
  | { readonly type: 'manager.found' }
  | { readonly type: 'manager.gone' };

/** To the parent: it stands differently. */
export interface TetherUpdated {
  readonly type: 'tether.updated';
  readonly index: number;
  readonly view: TetherView;
  readonly at: Instant;
}
