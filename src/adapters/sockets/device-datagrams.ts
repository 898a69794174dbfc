import { milliseconds } from '../../model/units.ts';
import { errnoName, errnos, type Libc } from '../libc/libc.ts';
import { startConnecting } from './device-socket.ts';
import { wayFailure } from './socket-failures.ts';
import type { End, ExchangeOutcome, Peer, Reply, UplinkPath } from './uplink-sockets.ts';

export interface Exchange {
  readonly path: UplinkPath;
  readonly peer: Peer;
  readonly datagram: Uint8Array;
  readonly judge: (reply: Uint8Array) => Reply;
  readonly settle: (outcome: ExchangeOutcome) => void;
}

/** More than a reply of a DNS server without EDNS, or of an echo, may have. */
const largestReply = 2048;

/** Datagrams read in one turn: a flood of foreign ones must not hold up everything else. */
const repliesPerTurn = 64;

/**
 * Sends one datagram from a bound socket, and reads until one is judged. It takes over the descriptor.
 *
 * The socket is connected, so that the kernel drops what others send and reports ICMP errors.
 */
export function exchangeDatagrams(libc: Libc, fd: number, exchange: Exchange): End {
  const { path, peer, datagram, judge, settle } = exchange;
  const what = `${peer.address} by ${path.interface.name}`;
  const unconnected = startConnecting(libc, fd, path, peer);
  const startedAt = performance.now();
  const sent = unconnected === null ? libc.sendTo(fd, datagram, 0, null) : 0;
  if (unconnected !== null || sent < 0) {
    libc.close(fd);
    settle(unconnected ?? wayFailure(errnoName(sent), what));
    return () => {};
  }

  const buffer = new Uint8Array(largestReply);
  const receive = (): ExchangeOutcome | null => {
    for (let count = 0; count < repliesPerTurn; count += 1) {
      const length = libc.receiveFrom(fd, buffer, 0);
      if (length === -errnos.EAGAIN || length === -errnos.EINTR) return null;
      if (length < 0) return wayFailure(errnoName(length), what);
      const reply = judge(buffer.subarray(0, length));
      if (reply === 'answer') return { ok: true, rtt: milliseconds(performance.now() - startedAt) };
      if (reply !== 'foreign') return reply;
    }
    return null;
  };
  const watcher = libc.watch(fd, { readable: true }, (status) => {
    const outcome = receive();
    if (outcome !== null) settle(outcome);
    else if (status < 0) watcher.restart();
  });
  return () => {
    watcher.close();
    libc.close(fd);
  };
}
