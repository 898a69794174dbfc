import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { milliseconds } from '../../model/units.ts';
import { codeOfError, failureOf, wayFailure } from './socket-failures.ts';
import type { ConnectOutcome, End, ExchangeOutcome, Peer, Reply, UplinkPath, UplinkSockets } from './uplink-sockets.ts';

/**
 * Sockets of Node's, bound to the uplink's address only: for machines without native code.
 *
 * They leave by the uplink as long as a rule sends its address to its table. Retransmitted SYNs are not seen, a RST
 * cannot be told from a router's "port unreachable", and there is no ICMP.
 */
export const sourceSockets: UplinkSockets = {
  binding: 'source',
  connect: startConnection,
  exchange: startExchange,
  echo(_path, _address, _echo, settle) {
    settle(failureOf('notPermitted', 'ICMP needs the native code of koffi, which is not there'));
    return () => {};
  },
};

function startConnection(path: UplinkPath, peer: Peer, settle: (outcome: ConnectOutcome) => void): End {
  const what = `${peer.address}:${peer.port} by ${path.interface.name}`;
  const startedAt = performance.now();
  const elapsed = () => milliseconds(performance.now() - startedAt);
  // A literal address: for a name with several, Node would open a second socket that is bound to nothing.
  const socket = connect({
    host: peer.address,
    port: peer.port,
    localAddress: path.source,
    family: path.family === 'ipv4' ? 4 : 6,
    autoSelectFamily: false,
    // Else the peer's end would start a shutdown, and a socket in shutdown cannot be reset.
    allowHalfOpen: true,
  });
  socket.once('connect', () => {
    settle({ ok: true, rtt: elapsed(), retransmitted: false, stream: () => socket });
  });
  socket.on('error', (error) => {
    const failure = wayFailure(codeOfError(error), what);
    settle(
      failure.failure === 'refused'
        ? { ok: false, failure: 'refused', rtt: elapsed(), message: `${what}: reset by the peer` }
        : failure,
    );
  });
  return () => {
    // A reset of a socket that still connects would wait until it does.
    if (socket.connecting) socket.destroy();
    else socket.resetAndDestroy();
  };
}

function startExchange(
  path: UplinkPath,
  peer: Peer,
  datagram: Uint8Array,
  judge: (reply: Uint8Array) => Reply,
  settle: (outcome: ExchangeOutcome) => void,
): End {
  const what = `${peer.address} by ${path.interface.name}`;
  const socket = createSocket(path.family === 'ipv4' ? 'udp4' : 'udp6');
  const fail = (error: Error) => {
    settle(wayFailure(codeOfError(error), what));
  };
  let startedAt = 0;
  let isEnded = false;
  socket.on('error', fail);
  socket.on('message', (message) => {
    const reply = judge(message);
    if (reply === 'foreign') return;
    settle(reply === 'answer' ? { ok: true, rtt: milliseconds(performance.now() - startedAt) } : reply);
  });
  // By events: with a callback, connect() would hand its error to it and emit none.
  socket.once('listening', () => {
    if (!isEnded) socket.connect(peer.port, peer.address);
  });
  socket.once('connect', () => {
    if (isEnded) return;
    startedAt = performance.now();
    socket.send(datagram, (error) => {
      if (error !== null) fail(error);
    });
  });
  socket.bind({ address: path.source, port: 0, exclusive: true });
  return () => {
    isEnded = true;
    socket.close();
  };
}
