/** What the actor of a lease knows, what comes to it, and what it tells. */
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { NodeEvent } from '../../model/events.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import type { Lease, LeaseIntent } from '../../model/lease.ts';
import type { Verdict } from '../../model/probe.ts';
import type { Instant } from '../../model/units.ts';
import type { Classification } from '../interface/classification.decisions.ts';

export interface LeaseInput {
  readonly config: Config;
  readonly classification: Classification;
  readonly facts: InterfaceFacts;
  /** The number of the latest request on this interface, by whichever actor: numbers only rise. */
  readonly request: number;
  /** Held by the actor before this one, which failed: how long it lasts is told next, by `lease.remembered`. */
  readonly lease: Lease | null;
  /** Addresses that were leased here, as long as they are still there: they are no sign of another manager. */
  readonly own: readonly string[];
  readonly at: Instant;
}

/** Whether a lease can be asked for: the link is of no use, another manager has it, or nobody does. */
export type Stage = 'away' | 'managed' | 'free';

export interface LeaseContext extends Omit<LeaseInput, 'at'> {
  /** The instant of the latest event or deadline. */
  readonly now: Instant;
  readonly phase: LeasePhase;
  /** Null: never, or there is no lease. */
  readonly expiresAt: Instant | null;
  /** When the timer of the lease ends: a lease may last longer than a timer can. */
  readonly expiryDueAt: Instant | null;
  /** When what is waited for now is over. */
  readonly dueAt: Instant | null;
  readonly requestedAt: Instant;
  /** Requests in a row that brought nothing. */
  readonly failures: number;
  /** Another manager had the interface, and may come back. */
  readonly wasManaged: boolean;
  /** Of the IPv4 path, as it was told last. */
  readonly verdict: Verdict;
  readonly problem: Problem | null;
  /** What the parent was told last. */
  readonly view: LeaseView | null;
}

/** How a lease stands, in one word: nothing can be asked, it is asked for, in vain so far, held, or another manager's. */
export type LeasePhase = 'idle' | 'asking' | 'failing' | 'held' | 'elsewhere';

/** What others need to know of a lease. */
export interface LeaseView {
  readonly phase: LeasePhase;
  readonly intent: LeaseIntent | null;
  readonly lease: Lease | null;
  /** Addresses that were leased here, the one of `lease` among them: for whoever goes on from here. */
  readonly own: readonly string[];
  readonly problem: Problem | null;
}

/** Everything that comes to a lease from outside. */
export type LeaseFact =
  | Extract<
      NodeEvent,
      {
        type:
          | 'interface.changed'
          | 'lease.remembered'
          | 'lease.bound'
          | 'lease.lost'
          | 'lease.failed'
          | 'uplink.suspected'
          | 'node.resumed';
      }
    >
  /** Whether the way by it works, as far as probes tell. */
  | { readonly type: 'way.judged'; readonly verdict: Verdict; readonly at: Instant };

/** What a fact means to the statechart. */
export type LeaseConsequence =
  | { readonly type: 'link.away' }
  | { readonly type: 'link.free' }
  | { readonly type: 'manager.found' }
  | { readonly type: 'lease.doubted' }
  | { readonly type: 'lease.vindicated' }
  /** The machine was asleep, and no timer ran. */
  | { readonly type: 'time.passed' };

/** To the parent: it stands differently. */
export interface LeaseUpdated {
  readonly type: 'lease.updated';
  readonly index: number;
  readonly view: LeaseView;
  readonly at: Instant;
}
