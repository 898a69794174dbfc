/** What the actor of an uplink that was left knows, what comes to it, and what it tells. */
import type { Family } from '../../model/family.ts';
import type { StrandedFlows } from '../../model/flows.ts';
import type { UplinkPath } from '../../model/network.ts';
import type { Instant, Milliseconds } from '../../model/units.ts';

export interface DepartureInput {
  readonly index: number;
  readonly name: string;
  readonly family: Family;
  /** How its flows left. */
  readonly path: UplinkPath;
  /** Each byte costs, or is for emergencies. */
  readonly isExpensive: boolean;
  readonly linger: Milliseconds;
  readonly at: Instant;
}

/** How the uplink that was left stands, and the rest of the node. */
export interface Standing {
  /** Its flows get nowhere: it has no way out any more, or its probes fail. */
  readonly isDead: boolean;
  /** The uplink that is active now is reachable: flows that are ended can begin anew. */
  readonly hasWayOut: boolean;
}

export interface DepartureContext extends DepartureInput, Standing {
  /** The instant of the latest event or deadline. */
  readonly now: Instant;
}

export type DepartureEvent = { readonly type: 'standing.changed'; readonly at: Instant } & Standing;

/** To the parent: these flows are to be ended; null: they are not, any more. */
export interface DepartureDecided {
  readonly type: 'departure.decided';
  readonly index: number;
  readonly family: Family;
  readonly stranded: StrandedFlows | null;
  readonly at: Instant;
}
