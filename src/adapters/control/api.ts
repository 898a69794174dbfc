import type { Problem } from '../../model/errors.ts';
import type { Operation } from '../../model/network.ts';
import type { Explanation, Status } from '../../model/status.ts';
import type { TraceItem } from '../../model/trace.ts';

/** What can be asked of a running daemon, and told to it. */
export interface ControlApi {
  status(): Status;
  /** Why the choice is what it is; of one interface, or of the active ones. A problem when there is no such interface. */
  explain(interfaceName: string | null): Explanation | Problem;
  /** The operations that would be executed now; empty when the network is as desired. */
  plan(): readonly Operation[];
  /** Pins an interface by name, or none (`null`). A problem when there is no such interface. */
  pin(interfaceName: string | null): Problem | null;
  /** Calls back with each event of the manager, as plain data. Returns the way to end it. */
  subscribe(listener: (event: ControlEvent) => void): () => void;
  /**
   * Calls back with all actors of the machines, and from then on with what they do, from within their own turn. Returns
   * the way to end it; while nobody looks, nothing is observed.
   */
  inspect(listener: (item: TraceItem) => void): () => void;
}

export interface ControlEvent {
  readonly type: string;
  readonly data: unknown;
}

/** The answer to a request that failed. */
export interface ControlFailure {
  readonly error: Problem;
}
