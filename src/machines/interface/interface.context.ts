/** What one interface's actor knows, what comes to it, and what it tells. */
import type { Config, UplinkPolicy } from '../../model/config.ts';
import type { NodeEvent } from '../../model/events.ts';
import type { Family, PerFamily } from '../../model/family.ts';
import type { InterfaceFacts, InterfaceType } from '../../model/interface.ts';
import type { Lease } from '../../model/lease.ts';
import type { UplinkIntent } from '../../model/network.ts';
import type { LifecycleState } from '../../model/status.ts';
import type { Instant } from '../../model/units.ts';
import type { BudgetLevel } from '../../model/usage.ts';
import type { Candidacy, Claim } from './candidacy.decisions.ts';
import type { Classification } from './classification.decisions.ts';
import type { Damping } from './damping.decisions.ts';
import type { Gateway } from './gateway.decisions.ts';
import type { Health } from './health.decisions.ts';
import type { Contender } from '../selection/selection-rules.decisions.ts';

export interface InterfaceInput {
  readonly config: Config;
  readonly facts: InterfaceFacts;
  readonly classification: Classification;
  readonly claims: readonly Claim[];
  /** Targets that are at fault themselves. */
  readonly blamed: PerFamily<readonly string[]>;
  /** No two actors have the same: it tells the paths of this one from those of its predecessors on the same index. */
  readonly birth: number;
  /** What backhauld has leased here. Missing: nothing. */
  readonly lease?: Lease | null;
  /** Why it may not carry traffic, whatever else is so. Missing: it may. */
  readonly withheld?: string | null;
  /** How much of its budget is used. Missing: little, or it has none. */
  readonly budget?: BudgetLevel;
  readonly at: Instant;
}

/** A transition of the lifecycle that waits for its hold-down. */
export interface Pending {
  readonly to: LifecycleState;
  readonly since: Instant;
  readonly dueAt: Instant;
}

export interface InterfaceContext {
  readonly config: Config;
  readonly classification: Classification;
  readonly facts: InterfaceFacts;
  readonly claims: readonly Claim[];
  readonly lease: Lease | null;
  readonly withheld: string | null;
  readonly budget: BudgetLevel;
  /** The instant of the latest event or deadline. */
  readonly now: Instant;
  readonly lifecycle: LifecycleState;
  /** When the lifecycle state was entered. */
  readonly since: Instant;
  readonly pending: Pending | null;
  readonly gateways: PerFamily<Gateway | null>;
  readonly candidacy: Candidacy;
  readonly pathIds: PerFamily<string | null>;
  readonly birth: number;
  /** How many paths there have been. */
  readonly generations: PerFamily<number>;
  readonly health: PerFamily<Health>;
  readonly damping: Damping;
  readonly isSuppressed: boolean;
  /** What the parent was told last. */
  readonly view: UplinkView | null;
}

/** The ways out by one uplink. */
export interface Ways {
  readonly uplink: UplinkIntent;
  readonly policy: UplinkPolicy;
  /** Its budget is used up, and it is slowed down for that. Missing: it is not. */
  readonly isThrottled?: true;
  /** It has or has had a way out. A port to a local network never does, and is left alone. */
  readonly hasEverLed: boolean;
  readonly pathIds: PerFamily<string | null>;
}

/** What others need to know of an interface. Parts that did not change stay the same objects. */
export interface UplinkView {
  readonly name: string;
  readonly type: InterfaceType;
  readonly lifecycle: LifecycleState;
  readonly candidacy: Candidacy;
  /** Its probes are answered by a captive portal. */
  readonly captive: PerFamily<boolean>;
  readonly ways: Ways;
  readonly contenders: PerFamily<Contender>;
}

/** Everything that comes to an interface from outside. */
export type InterfaceFact =
  | Extract<NodeEvent, { type: 'interface.changed' | 'probe.finished' | 'probe.answeredLate' | 'budget.changed' }>
  | {
      readonly type: 'targets.blamed';
      readonly family: Family;
      readonly targets: readonly string[];
      readonly at: Instant;
    }
  | { readonly type: 'addresses.claimed'; readonly claims: readonly Claim[]; readonly at: Instant }
  | { readonly type: 'lease.changed'; readonly lease: Lease | null; readonly at: Instant }
  /** Why it may not carry traffic, in half a sentence; null: it may. */
  | { readonly type: 'uplink.withheld'; readonly because: string | null; readonly at: Instant };

/** What is known of the time in which nobody looked. */
export type Gap = Extract<NodeEvent, { type: 'uplink.remembered' | 'node.resumed' }>;

/** What a fact means to the statechart. */
export type Consequence =
  | { readonly type: 'presence.lost' }
  | { readonly type: 'presence.returned' }
  | { readonly type: 'carrier.lost' }
  | { readonly type: 'reachability.lost' }
  | { readonly type: 'verdict.healthy' }
  | { readonly type: 'verdict.degraded' }
  | { readonly type: 'verdict.failed' }
  | { readonly type: 'verdict.cleared' }
  /** The last run left it in this state, entered at that time. */
  | { readonly type: 'memory.up' | 'memory.degraded' | 'memory.down'; readonly since: Instant }
  | { readonly type: 'memory.suppressed' }
  /** The penalty sank while the machine was asleep, and no timer ran. */
  | { readonly type: 'penalty.decayed' };

/** To the parent: the summary is another. */
export interface InterfaceUpdated {
  readonly type: 'interface.updated';
  readonly index: number;
  readonly view: UplinkView;
  readonly at: Instant;
}
