import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ProbeOutcome } from '../../streams/ports.ts';
import { codeOfError, failureOf } from '../sockets/socket-failures.ts';
import type { Connection } from '../sockets/uplink-sockets.ts';
import { encodeHttpRequest, parseHttpReply } from './http.codec.ts';
import type { Attempt, TargetOf } from './probe-attempt.ts';

type HttpTarget = TargetOf<'http' | 'https'>;

/**
 * Asks a web server over a connection of our own: http.request() would open one that is bound to nothing.
 *
 * The round-trip time is that of the TCP handshake: how long the server thinks is not the link's.
 */
export const probeHttp: Attempt<HttpTarget> = (sockets, path, target, settle) => {
  let tls: TLSSocket | null = null;
  let isEnded = false;
  const end = sockets.connect(path, target, (connection) => {
    if (!connection.ok) {
      settle({ ok: false, failure: connection.failure, message: connection.message });
      return;
    }
    const socket = connection.stream();
    const fail = (error: Error): void => {
      settle(failureOf('badAnswer', `${target.text}: ${codeOfError(error)} after the connection stood`));
    };
    socket.on('error', fail);
    if (target.kind === 'http') {
      ask(socket, connection, target, settle);
      return;
    }
    void secure(socket, target.host, (connectTls) => {
      if (isEnded) return;
      tls = connectTls();
      tls.on('error', fail);
      ask(tls, connection, target, settle);
    });
  });
  return () => {
    isEnded = true;
    tls?.destroy();
    end();
  };
};

/**
 * TLS without asking who is there: a certificate that has expired, or is not valid yet because the clock of a node
 * without a battery is wrong, or is made out to another name, tells nothing of the way. A portal that takes over
 * encrypted connections gives itself away by status or body. Nothing secret is sent.
 */
async function secure(
  socket: Socket,
  host: string | undefined,
  start: (connectTls: () => TLSSocket) => void,
): Promise<void> {
  // Loaded when it is first needed: 6 MB and tens of milliseconds that most nodes never spend.
  const { connect } = await import('node:tls');
  // Servers of many names need to be told which one is meant (SNI, RFC 6066); addresses must not be sent there.
  const name = host === undefined ? {} : { servername: host };
  start(() => connect({ socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...name }));
}

function ask(
  stream: Socket,
  connection: Connection,
  target: HttpTarget,
  settle: (outcome: ProbeOutcome) => void,
): void {
  const host = target.host ?? (target.family === 'ipv6' ? `[${target.address}]` : target.address);
  const isUsualPort = target.port === (target.kind === 'http' ? 80 : 443);
  let received = Buffer.alloc(0);
  const judge = (isEnded: boolean): void => {
    const reply = parseHttpReply(received, isEnded, target.expectedBody !== null);
    if (reply.kind === 'malformed')
      settle(failureOf('badAnswer', `${target.text}: the answer is malformed: ${reply.what}`));
    if (reply.kind === 'complete') settle(judgeHttpReply(target, reply.status, reply.body, connection));
  };
  stream.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    judge(false);
  });
  stream.once('end', () => {
    judge(true);
  });
  stream.write(encodeHttpRequest(isUsualPort ? host : `${host}:${target.port}`, target.path));
}

/** What the answer says: the internet is there, a portal stands before it, or the server is ill. */
export function judgeHttpReply(
  target: HttpTarget,
  status: number,
  body: string,
  { rtt, retransmitted }: Pick<Connection, 'rtt' | 'retransmitted'>,
): ProbeOutcome {
  const { expectedStatus, expectedBody, text } = target;
  // 511 is the portal's own status (RFC 6585 section 6); the rest of 5xx is a server in trouble, on an open way.
  if (status !== expectedStatus && status >= 500 && status !== 511) {
    return failureOf('badAnswer', `${text}: the server says ${status}`);
  }
  if (status !== expectedStatus) {
    return failureOf('captivePortal', `${text}: status ${status}, where ${expectedStatus} was expected`);
  }
  if (expectedBody !== null && !body.includes(expectedBody)) {
    return failureOf('captivePortal', `${text}: the body does not contain what was expected`);
  }
  return { ok: true, rtt, retransmitted };
}
