/** What the actor of one family knows, what comes to it, and what it tells. */
import type { SelectionConfig } from '../../model/config.ts';
import type { Family } from '../../model/family.ts';
import type { RankedUplink } from '../../model/network.ts';
import type { SelectionRule } from '../../model/status.ts';
import type { Instant } from '../../model/units.ts';
import type { Contender } from './selection-rules.decisions.ts';
import type { Challenge, Choice, Lead } from './selection.decisions.ts';
import type { Setback } from './setback.decisions.ts';

export interface SelectionInput {
  readonly family: Family;
  readonly config: SelectionConfig;
  readonly contenders: readonly Contender[];
  readonly pinned: string | null;
  /** The uplink that carries the traffic already, null for none. */
  readonly incumbent: number | null;
  readonly at: Instant;
}

/** The uplink that carries the unbound traffic of a family. */
export interface Active {
  readonly index: number;
  readonly name: string;
  readonly rule: SelectionRule;
  /** One sentence with both sides' figures at the time of the switch. */
  readonly because: string;
  readonly since: Instant;
}

export interface SelectionContext {
  readonly family: Family;
  readonly config: SelectionConfig;
  readonly contenders: ReadonlyMap<number, Contender>;
  readonly pinned: string | null;
  /** The instant of the latest event or deadline. */
  readonly now: Instant;
  readonly active: Active | null;
  readonly ranking: readonly RankedUplink[];
  readonly leads: readonly Lead[];
  /** What the active uplink scored when it was taken; null where that was not known. */
  readonly promised: number | null;
  readonly setbacks: readonly Setback[];
  readonly choice: Choice | null;
  /** The challenge that is being waited for. */
  readonly awaited: Challenge | null;
  /** What the parent was told last. */
  readonly told: Pick<SelectionContext, 'active' | 'ranking'> | null;
}

/** Everything that comes to a selection from outside. */
export type SelectionFact =
  | { readonly type: 'contender.changed'; readonly contender: Contender; readonly at: Instant }
  | { readonly type: 'contender.lost'; readonly index: number; readonly at: Instant }
  | { readonly type: 'pin.changed'; readonly pinned: string | null; readonly at: Instant };

/** What came of a decision. */
export type ChoiceEvent = {
  readonly type: 'choice.none' | 'choice.provisional' | 'choice.settled' | 'choice.challenged';
};

/** To the parent: another uplink is active, or the ranking is another. */
export interface SelectionChanged {
  readonly type: 'selection.changed';
  readonly family: Family;
  readonly active: Active | null;
  /** The active uplink first, those out of reach last. */
  readonly ranking: readonly RankedUplink[];
  readonly at: Instant;
}
