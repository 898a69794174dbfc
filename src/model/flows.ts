import type { Family } from './family.ts';
import type { UplinkPath } from './network.ts';
import type { Instant } from './units.ts';

/** Flows that left by one uplink in one family and are to be ended: sockets, and connections of forwarded clients. */
export interface StrandedFlows {
  readonly index: number;
  readonly name: string;
  readonly family: Family;
  /** How they left: by these source addresses, through this gateway. */
  readonly path: UplinkPath;
  /** Since when they are to be ended: another instant is another order. */
  readonly since: Instant;
  readonly because: string;
}

/** A socket with a far end, as far as its way is concerned. Addresses are canonical text. */
export interface ConnectedSocket {
  readonly source: string;
  readonly destination: string;
  /** The ifindex it is bound to, 0 for none. */
  readonly boundTo: number;
  readonly inode: number;
}

/** A tracked connection as this node forwards it. */
export interface TrackedConnection {
  /** Who began it, and whom it was meant for. */
  readonly source: string;
  readonly destination: string;
  /** Whom the answers are sent to: an address of this node where it is translated. */
  readonly replyDestination: string;
}
