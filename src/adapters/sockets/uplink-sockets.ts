import type { Socket } from 'node:net';
import type { Family } from '../../model/family.ts';
import type { ProbeFailure } from '../../model/probe.ts';
import type { Milliseconds } from '../../model/units.ts';

/** The way a socket has to take: out of this interface, from this address. */
export interface UplinkPath {
  readonly family: Family;
  readonly interface: { readonly index: number; readonly name: string };
  readonly source: string;
}

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface SocketFailure {
  readonly ok: false;
  readonly failure: ProbeFailure;
  readonly message: string;
}

/** An open TCP connection. */
export interface Connection {
  readonly ok: true;
  /** Of SYN and SYN/ACK. */
  readonly rtt: Milliseconds;
  /** A SYN had to be sent again; false where that cannot be known. */
  readonly retransmitted: boolean;
  /** The connection as a stream of Node's. Ending it is left to the function that ends the attempt. */
  stream(): Socket;
}

/** The peer answered the SYN by a RST: the way there and back is open, nobody listens there. */
export interface Refusal {
  readonly ok: false;
  readonly failure: 'refused';
  readonly rtt: Milliseconds;
  readonly message: string;
}

export type ConnectOutcome = Connection | Refusal | SocketFailure;

/** What a received datagram is: something else to be passed over, the answer, or one that says no. */
export type Reply = 'foreign' | 'answer' | SocketFailure;

export type ExchangeOutcome = { readonly ok: true; readonly rtt: Milliseconds } | SocketFailure;

/** Ends what was started, in any state, and closes its descriptor; called once. */
export type End = () => void;

/** An ICMP echo, as the kind of socket that the process may open wants it. */
export interface EchoRequest {
  readonly identifier: number;
  readonly sequence: number;
  readonly token: Uint8Array;
}

/**
 * Sockets that leave by one uplink and none other. Each call starts something, tells its outcome at most once, and
 * returns the way to end it, which is to be taken also after the outcome.
 */
export interface UplinkSockets {
  /**
   * How the uplink is held: `device` by SO_BINDTOIFINDEX; `source` by the source address alone, which is right as long
   * as the node's rules route by source address.
   */
  readonly binding: 'device' | 'source';
  /** Opens a TCP connection. Ending the attempt closes it by a RST, which spares the peer four-way goodbyes. */
  connect(path: UplinkPath, peer: Peer, settle: (outcome: ConnectOutcome) => void): End;
  /** Sends one datagram and waits for the answer to it. */
  exchange(
    path: UplinkPath,
    peer: Peer,
    datagram: Uint8Array,
    judge: (reply: Uint8Array) => Reply,
    settle: (outcome: ExchangeOutcome) => void,
  ): End;
  /** Sends one ICMP echo request and waits for the reply to it. */
  echo(path: UplinkPath, address: string, echo: EchoRequest, settle: (outcome: ExchangeOutcome) => void): End;
}
