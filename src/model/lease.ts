/** A lease of DHCP that backhauld holds (RFC 2131). */
import { milliseconds, seconds, type Milliseconds } from './units.ts';

export interface LeasedRoute {
  readonly destination: string;
  /** Null: the destination is on the link. */
  readonly gateway: string | null;
}

/** What a server granted, checked. Addresses are canonical text. */
export interface Lease {
  readonly address: string;
  readonly prefixLength: number;
  /** Option 3, or the default of option 121, which takes its place (RFC 3442). Null where none is offered. */
  readonly gateway: string | null;
  /** Classless routes other than the default (option 121). */
  readonly routes: readonly LeasedRoute[];
  readonly dns: readonly string[];
  /** 576 to 9000; null where none is offered, or where what is offered is of no use. */
  readonly mtu: number | null;
  readonly server: string | null;
  /** Null: for ever. */
  readonly duration: Milliseconds | null;
}

/** A shorter lease is held so long all the same: it is renewed in time, and a renewal that is late must not cost the address. */
const shortestHolding = seconds(10);

/** For how long a lease is held that nobody renews; null: for ever. */
export const holdingTime = ({ duration }: Pick<Lease, 'duration'>): Milliseconds | null =>
  duration === null ? null : milliseconds(Math.max(shortestHolding, duration));

/** A lease that shall be held. */
export interface LeaseIntent {
  readonly index: number;
  readonly name: string;
  /** A higher number than before: what is held is in doubt, and is asked for anew at once. */
  readonly request: number;
  /** How long an answer is waited for before that is a failure; asking goes on. */
  readonly timeout: Milliseconds;
}

/** A lease as it stands on its interface. */
export interface HeldLease {
  readonly index: number;
  readonly name: string;
  readonly lease: Lease;
}

/**
 * Why a lease is not held any more: its time was over, or the server refused to renew it (DHCPNAK). `clientEnded`: the program
 * that renews it is gone; the lease itself holds until its time is over, and the program is started again by the next `request`.
 */
export type LeaseLoss = 'expired' | 'refused' | 'clientEnded';
