import type { Family, PerFamily } from './family.ts';
import type { Problem } from './errors.ts';
import type { StrandedFlows } from './flows.ts';
import type { HotspotIntent, HotspotMode, HotspotNetwork, HotspotState, RadioFacts } from './hotspot.ts';
import type { InterfaceFacts } from './interface.ts';
import type { Lease, LeaseIntent, LeaseLoss } from './lease.ts';
import type { UplinkMemory } from './memory.ts';
import type { NetworkIntent } from './network.ts';
import type { Round, Sample, Target } from './probe.ts';
import type { LifecycleState, Switch } from './status.ts';
import type { TetherState } from './tether.ts';
import type { Instant, Milliseconds } from './units.ts';
import type { BudgetLevel } from './usage.ts';

interface At {
  /** When it happened, on the monotonic clock: the only clock the machines know besides their delays. */
  readonly at: Instant;
}

/** Passive signs of trouble: they start a burst of probes, and are never a verdict by themselves. */
export type Signal =
  | 'neighbourFailed'
  | 'addressLost'
  | 'defaultRouteLost'
  /** Traffic leaves, and nothing comes back from beyond the link. */
  | 'stalled'
  /** Much less comes back of what leaves than did before. */
  | 'thinned'
  /** Name servers are asked and none answers. */
  | 'dnsSilent'
  /** A modem's signal fell sharply, or it is connected no more. */
  | 'signalLost';

/** Everything that enters the machines. What is recorded is this, and nothing else. */
export type NodeEvent = At &
  (
    | { readonly type: 'interface.found'; readonly facts: InterfaceFacts }
    | { readonly type: 'interface.changed'; readonly facts: InterfaceFacts }
    | { readonly type: 'interface.lost'; readonly index: number }
    /** The first full dump is complete; the ranking found in the kernel names the incumbents. */
    | { readonly type: 'network.observed'; readonly incumbents: PerFamily<number | null> }
    | {
        readonly type: 'probe.finished';
        readonly index: number;
        readonly family: Family;
        readonly path: string;
        readonly round: Round;
      }
    /** An answer after the adaptive time-out, within `probe.timeout`: it takes the place of the lost sample. */
    | {
        readonly type: 'probe.answeredLate';
        readonly index: number;
        readonly family: Family;
        readonly path: string;
        readonly round: number;
        readonly sample: Sample;
      }
    /** The target is at fault, not the uplinks; `index` null: everywhere. */
    | {
        readonly type: 'target.blamed';
        readonly family: Family;
        readonly target: string;
        readonly index: number | null;
      }
    | {
        readonly type: 'target.cleared';
        readonly family: Family;
        readonly target: string;
        readonly index: number | null;
      }
    /** What the run before knew of an interface that has just been found. */
    | { readonly type: 'uplink.remembered'; readonly index: number; readonly memory: UplinkMemory }
    /** The machine was asleep for so long: what was measured before is old. */
    | { readonly type: 'node.resumed'; readonly slept: Milliseconds }
    | { readonly type: 'uplink.suspected'; readonly index: number; readonly family: Family; readonly signal: Signal }
    | { readonly type: 'operation.failed'; readonly object: string; readonly problem: Problem }
    | { readonly type: 'operation.recovered'; readonly object: string }
    | { readonly type: 'command.pin'; readonly name: string }
    | { readonly type: 'command.unpin' }
    /** What the hotspot's radio can do, and whether a station uses it; null: there is no such radio. */
    | { readonly type: 'radio.changed'; readonly radio: RadioFacts | null }
    /** The access point is on air, and serves its clients. */
    | { readonly type: 'hotspot.opened'; readonly opening: number; readonly network: HotspotNetwork }
    /** It could not be opened, or went down and does not come up again. */
    | { readonly type: 'hotspot.failed'; readonly opening: number; readonly problem: Problem }
    /** Nothing of it is left. */
    | { readonly type: 'hotspot.closed'; readonly opening: number }
    | { readonly type: 'hotspot.clients'; readonly opening: number; readonly clients: number }
    /**
     * The last key that clients were given by the run before, and how long ago it was made, by the wall clock. The one
     * before it still works while that is less than the overlap. Comes first, and only where there is such a key.
     */
    | { readonly type: 'hotspot.remembered'; readonly key: number; readonly age: Milliseconds }
    | { readonly type: 'command.hotspot'; readonly mode: HotspotMode }
    | { readonly type: 'command.rotateKey' }
    /**
     * What the run before held of an interface that has just been found, and what is left of its time: its address is no
     * one else's. Told right after the interface was found: only by it is the gateway known when the incumbents are.
     */
    | { readonly type: 'lease.remembered'; readonly index: number; readonly lease: Lease }
    /** Granted or renewed. */
    | { readonly type: 'lease.bound'; readonly index: number; readonly lease: Lease }
    | { readonly type: 'lease.lost'; readonly index: number; readonly because: LeaseLoss }
    /** No server answered in time, or what it offered is of no use. */
    | { readonly type: 'lease.failed'; readonly index: number; readonly problem: Problem }
    /** More of its budget is used, or a new period has begun. */
    | {
        readonly type: 'budget.changed';
        readonly index: number;
        readonly level: BudgetLevel;
        /** It has been told of in this period: before the device was unplugged, or by an earlier run. Missing: it has not. */
        readonly isKnown?: boolean;
      }
    /** Null: the machine has no battery, or does not say. */
    | { readonly type: 'power.changed'; readonly onBattery: boolean | null }
  );

/** What shall be probed: one entry for each uplink and family that has a way out. */
export interface ProbeIntent {
  readonly index: number;
  readonly name: string;
  readonly family: Family;
  /** The address probes leave from. */
  readonly source: string;
  /** Changes whenever address or gateway do: rounds of an older path are no evidence any more. */
  readonly path: string;
  readonly role: 'active' | 'standby';
  readonly interval: Milliseconds;
  /** The link can carry traffic as far as is known; takes part in the blame of targets. */
  readonly isReachable: boolean;
  /** What is probed in place of the configured targets. Missing: those. */
  readonly targets?: readonly Target[];
}

/** What the machines want, as plain data. */
export interface NodeIntent {
  readonly network: NetworkIntent;
  readonly probes: readonly ProbeIntent[];
  /** Flows to be ended as soon as others carry the traffic; each is an order that is carried out once. */
  readonly stranded: readonly StrandedFlows[];
  /** The access point that shall be on air; null: none. */
  readonly hotspot: HotspotIntent | null;
  readonly leases: readonly LeaseIntent[];
}

/** What the machines tell the world. */
export type NodeEmission =
  | { readonly type: 'switch'; readonly switch: Switch; readonly at: Instant }
  | {
      readonly type: 'state';
      readonly index: number;
      readonly name: string;
      /** Null for an interface that is new. */
      readonly from: LifecycleState | null;
      /** Null for one that is gone. */
      readonly to: LifecycleState | null;
      readonly at: Instant;
    }
  | {
      readonly type: 'hotspot';
      readonly from: HotspotState;
      readonly to: HotspotState;
      readonly because: string;
      readonly at: Instant;
    }
  | {
      readonly type: 'tether';
      readonly index: number;
      readonly name: string;
      readonly from: TetherState | null;
      readonly to: TetherState;
      readonly because: string;
      readonly at: Instant;
    }
  | {
      readonly type: 'budget';
      readonly index: number;
      readonly name: string;
      readonly level: BudgetLevel;
      readonly at: Instant;
    }
  | { readonly type: 'problem'; readonly problem: Problem; readonly at: Instant }
  | { readonly type: 'problem.solved'; readonly problem: Problem; readonly at: Instant };
