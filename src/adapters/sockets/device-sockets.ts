import { Socket } from 'node:net';
import { milliseconds, type Milliseconds } from '../../model/units.ts';
import { errnoName, sockets, type Libc } from '../libc/libc.ts';
import { exchangeDatagrams } from './device-datagrams.ts';
import { startEcho } from './device-echo.ts';
import { openDeviceSocket, startConnecting } from './device-socket.ts';
import { wayFailure } from './socket-failures.ts';
import { readTcpInfo } from './tcp-info.ts';
import type { ConnectOutcome, End, Peer, UplinkPath, UplinkSockets } from './uplink-sockets.ts';

/** `struct linger {1, 0}`: close() sends a RST. */
const lingerNot = new Uint8Array(new Int32Array([1, 0]).buffer);

const IPPROTO_TCP = 6;
/** 0: the ACK of the handshake waits for data to go with it, at most 200 ms. */
const TCP_QUICKACK = 12;

const nothing: End = () => {};

/** Sockets that the kernel binds to the uplink's device, made without Node. */
export const deviceSockets = (libc: Libc): UplinkSockets => ({
  binding: 'device',
  connect: (path, peer, settle) => connect(libc, path, peer, settle),
  exchange(path, peer, datagram, judge, settle) {
    const opened = openDeviceSocket(libc, path, sockets.SOCK_DGRAM, 0);
    if (!opened.ok) {
      settle(opened);
      return nothing;
    }
    return exchangeDatagrams(libc, opened.fd, { path, peer, datagram, judge, settle });
  },
  echo: (path, address, echo, settle) => startEcho(libc, path, address, echo, settle),
});

function connect(libc: Libc, path: UplinkPath, peer: Peer, settle: (outcome: ConnectOutcome) => void): End {
  const opened = openDeviceSocket(libc, path, sockets.SOCK_STREAM, 0);
  if (!opened.ok) {
    settle(opened);
    return nothing;
  }
  const { fd } = opened;
  libc.setOption(fd, sockets.SOL_SOCKET, sockets.SO_LINGER, lingerNot);
  // A probe that is reset at once then sends no ACK at all: a quarter of its packets.
  libc.setIntegerOption(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
  const startedAt = performance.now();
  const failure = startConnecting(libc, fd, path, peer);
  if (failure !== null) {
    libc.close(fd);
    settle(failure);
    return nothing;
  }
  let stream: Socket | null = null;
  const watcher = libc.watch(fd, { writable: true }, () => {
    const elapsed = milliseconds(performance.now() - startedAt);
    watcher.close();
    settle(
      outcomeOf(libc, fd, elapsed, `${peer.address}:${peer.port} by ${path.interface.name}`, () => {
        stream ??= new Socket({ fd, allowHalfOpen: true });
        return stream;
      }),
    );
  });
  return () => {
    watcher.close();
    if (stream === null) libc.close(fd);
    else stream.destroy();
  };
}

function outcomeOf(libc: Libc, fd: number, elapsed: Milliseconds, what: string, stream: () => Socket): ConnectOutcome {
  const info = readTcpInfo(libc, fd);
  const retransmitted = (info?.retransmissions ?? 0) > 0;
  const error = errorOf(libc, fd);
  if (error === 0 && info?.isEstablished !== false) {
    // After a retransmitted SYN the kernel does not know which one was answered; the time that passed is the truth then.
    return { ok: true, rtt: retransmitted ? elapsed : (info?.rtt ?? elapsed), retransmitted, stream };
  }
  const failure = wayFailure(errnoName(error), what);
  // ECONNREFUSED stands for a RST from the peer and for "port unreachable" from any router on the way, which says that
  // the way ends there. Only the first one counts as a segment received.
  if (failure.failure === 'refused' && info?.segmentsIn !== 0) {
    return { ok: false, failure: 'refused', rtt: elapsed, message: `${what}: reset by the peer` };
  }
  return failure;
}

/** SO_ERROR: a positive errno, 0 for none. */
function errorOf(libc: Libc, fd: number): number {
  const value = new Uint8Array(4);
  const result = libc.getOption(fd, sockets.SOL_SOCKET, sockets.SO_ERROR, value);
  return result < 0 ? -result : new DataView(value.buffer).getInt32(0, true);
}
