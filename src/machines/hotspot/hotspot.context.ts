/** What the actor of the hotspot knows, what comes to it, and what it tells. */
import type { HotspotConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { NodeEvent } from '../../model/events.ts';
import type {
  HotspotIntent,
  HotspotMode,
  HotspotNetwork,
  HotspotPlacement,
  HotspotState,
  RadioFacts,
} from '../../model/hotspot.ts';
import type { Instant } from '../../model/units.ts';

/** What the hotspot needs to know of the uplinks. */
export interface Surroundings {
  /** An uplink that is reachable, by its name; null: none is. */
  readonly wayOut: string | null;
  /** The radio is looked at as an uplink: it may have a network of its own. */
  readonly isRadioUplink: boolean;
}

/** What it is doing, in one word: each is a state of the chart. */
export type HotspotPhase =
  | 'idle'
  | 'waiting'
  | 'searching'
  | 'starting'
  | 'serving'
  | 'yielding'
  | 'returning'
  | 'stopping'
  | 'unfit'
  | 'failed';

/** An access point as it was decided on. Only the channel may change while it is open. */
export interface Opening {
  readonly radio: string;
  readonly placement: HotspotPlacement;
  readonly channel: number;
  readonly because: string;
}

/** Why it is being closed. */
export interface Closing {
  /** The radio looks for its own network after that. */
  readonly isSearch: boolean;
  readonly because: string;
}

/** What an actor that takes the place of a failed one goes on with. */
export interface HotspotMemory {
  readonly mode: HotspotMode;
  readonly phase: HotspotPhase;
  /** Since when the state, not the phase, is what it is. */
  readonly since: Instant;
  /** The number of the latest opening. */
  readonly opening: number;
  /** The access point that is wanted; null: none. */
  readonly wanted: Opening | null;
  /** What its clients are in; null while it is not on air. */
  readonly network: HotspotNetwork | null;
  readonly openedAt: Instant | null;
  readonly clients: number;
  /** The radio was taken from its station and has not been given back yet, whatever became of the access point. */
  readonly holdsRadio: boolean;
  readonly closing: Closing | null;
  /** Failures of late, for the back-off. */
  readonly failures: number;
  /** Why it failed last, or cannot open at all. */
  readonly problem: Problem | null;
  /** When what it waits for is over; null: it waits for no time. */
  readonly deadline: Instant | null;
  readonly key: number;
  readonly rotatedAt: Instant;
  readonly previousKey: number | null;
  /** When the previous key stops working; null when there is none. */
  readonly previousEndsAt: Instant | null;
}

export interface HotspotInput extends Surroundings {
  readonly config: HotspotConfig;
  /** Undefined: nobody has said yet. */
  readonly radio: RadioFacts | null | undefined;
  readonly mode: HotspotMode;
  /** Null: this is the first actor. */
  readonly memory: HotspotMemory | null;
  readonly at: Instant;
}

export interface HotspotContext extends HotspotMemory, Surroundings {
  readonly config: HotspotConfig;
  readonly radio: RadioFacts | null | undefined;
  /** The instant of the latest event or deadline. */
  readonly now: Instant;
  /** Since when there has been a way out, or none. */
  readonly waySince: Instant;
  /** When the timer of the rotation ends: a key may be used for longer than a timer can wait. */
  readonly rotationTimerAt: Instant;
  /** What the parent was told last. */
  readonly view: HotspotView | null;
}

/** What others need to know of the hotspot. */
export interface HotspotView extends HotspotMemory {
  readonly state: HotspotState;
  /** One sentence. */
  readonly because: string;
  readonly intent: HotspotIntent | null;
}

/** Everything that comes to the hotspot from outside. */
export type HotspotFact =
  | ({ readonly type: 'surroundings.changed'; readonly at: Instant } & Surroundings)
  | Extract<
      NodeEvent,
      {
        type:
          | 'radio.changed'
          | 'hotspot.opened'
          | 'hotspot.failed'
          | 'hotspot.closed'
          | 'hotspot.clients'
          | 'hotspot.remembered'
          | 'command.hotspot'
          | 'command.rotateKey'
          | 'node.resumed';
      }
    >;

/** What facts mean: the states know these words only. */
export type HotspotConsequence =
  /** Whether it is needed, and whether it can be, is to be considered anew. */
  | { readonly type: 'need.reviewed' }
  /** An operator has said what the hotspot shall do. */
  | { readonly type: 'mode.commanded' }
  | { readonly type: 'point.opened'; readonly network: HotspotNetwork }
  | { readonly type: 'point.failed'; readonly problem: Problem }
  | { readonly type: 'point.closed' }
  /** The actor takes the place of one that failed while the access point was on air. */
  | { readonly type: 'point.found' }
  /** Time has passed that no timer has counted. */
  | { readonly type: 'time.lost' }
  /** Which key is in use has been found out. */
  | { readonly type: 'key.known' }
  | { readonly type: 'view.outdated' };

/** To the parent. */
export interface HotspotUpdated {
  readonly type: 'hotspot.updated';
  readonly view: HotspotView;
  readonly at: Instant;
}
