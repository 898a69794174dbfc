import { setImmediate } from 'node:timers/promises';
import type { EndedFlows, FlowSelection, FlowTarget } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import { errnoName, errnos, type Libc } from '../libc/libc.ts';
import { NetlinkSocket, netlinkProtocol } from '../netlink/ffi/netlink-socket.ts';
import { Requests } from '../netlink/ffi/requests.ts';
import { conntrackTypes, decodeConnection, encodeConnectionEnd, encodeConnectionsOf } from './conntrack.codec.ts';
import { ownSockets } from './own-sockets.ts';
import { pacedDump } from './paced-dump.ts';
import {
  decodeSocket,
  encodeSocketEnd,
  encodeSocketsFrom,
  socketDiagTypes,
  type DiagnosedSocket,
  type Transport,
} from './socket-diag.codec.ts';

/** Requests sent in one turn of the event loop: some milliseconds. */
const turnLimit = 100;

/** Ends flows by netlink: sockets by SOCK_DESTROY (linux/sock_diag.h), tracked connections by ctnetlink. */
export function createKernelFlows(libc: Libc): FlowTarget {
  return {
    async end(selection) {
      const problems: Problem[] = [];
      const tcp = await endSockets(libc, 'tcp', selection, problems);
      const udp = await endSockets(libc, 'udp', selection, problems);
      const forwarded = await endConnections(libc, selection, problems);
      return { tcp, udp, forwarded, problems } satisfies EndedFlows;
    },
  };
}

async function endSockets(
  libc: Libc,
  transport: Transport,
  selection: FlowSelection,
  problems: Problem[],
): Promise<number> {
  const what = `${transport.toUpperCase()} sockets`;
  return withSocket(libc, netlinkProtocol.socketDiag, what, problems, async (socket) => {
    const own = ownSockets();
    const found: DiagnosedSocket[] = [];
    for (const source of selection.sources) {
      // A socket of IPv6 may hold a flow of IPv4.
      for (const socketFamily of selection.family === 'ipv4' ? families : (['ipv6'] as const)) {
        const request = encodeSocketsFrom(transport, socketFamily, source);
        if (request === null) continue;
        // One after the other: they share a socket.
        // oxlint-disable-next-line no-await-in-loop
        const answer = await pacedDump(socket, socketDiagTypes.byFamily, request, ({ payload }) =>
          decodeSocket(payload),
        );
        if (typeof answer === 'number') return { count: 0, errno: answer };
        const isStranded = (one: DiagnosedSocket): boolean =>
          !one.isSubflow && !own.has(one.inode) && selection.isStrandedSocket(one);
        for (const one of answer) if (isStranded(one)) found.push(one);
      }
    }
    return askForEach(socket, found, socketDiagTypes.destroy, (one) => encodeSocketEnd(transport, one));
  });
}

async function endConnections(libc: Libc, selection: FlowSelection, problems: Problem[]): Promise<number> {
  const what = 'tracked connections';
  return withSocket(libc, netlinkProtocol.netfilter, what, problems, async (socket) => {
    const answer = await pacedDump(socket, conntrackTypes.get, encodeConnectionsOf(selection.family), ({ payload }) => {
      const entry = decodeConnection(payload);
      return entry !== null && selection.isStrandedConnection(entry) ? entry : null;
    });
    // Nothing is tracked where there is no such module.
    if (answer === errnos.EINVAL || answer === errnos.EOPNOTSUPP) return { count: 0, errno: 0 };
    if (typeof answer === 'number') return { count: 0, errno: answer };
    return askForEach(socket, answer, conntrackTypes.delete, encodeConnectionEnd);
  });
}

interface Outcome {
  readonly count: number;
  /** 0, or what the kernel said to one of the rest. */
  readonly errno: number;
}

/** Asks for each; counts what was done. What is gone already needs nothing. */
async function askForEach<T>(
  socket: NetlinkSocket,
  items: readonly T[],
  type: number,
  encode: (item: T) => Uint8Array,
): Promise<Outcome> {
  const requests = new Requests(socket);
  let count = 0;
  let failure = 0;
  for (const [position, item] of items.entries()) {
    const { errno } = requests.change(type, 0, encode(item));
    if (errno === 0) count += 1;
    else if (errno !== errnos.ENOENT && errno !== errnos.ESRCH) failure = errno;
    // oxlint-disable-next-line no-await-in-loop
    if (position % turnLimit === turnLimit - 1) await setImmediate();
  }
  return { count, errno: failure };
}

/** Works with a socket of its own: flows are ended once in a while, and a socket kept open would cost more. */
async function withSocket(
  libc: Libc,
  protocol: number,
  what: string,
  problems: Problem[],
  work: (socket: NetlinkSocket) => Promise<Outcome>,
): Promise<number> {
  const socket = NetlinkSocket.open(libc, 'requests', protocol);
  if (typeof socket === 'number') {
    problems.push(refused(what, socket));
    return 0;
  }
  try {
    const { count, errno } = await work(socket);
    if (errno !== 0) problems.push(refused(what, errno));
    return count;
  } finally {
    socket.close();
  }
}

const refused = (what: string, errno: number): Problem => {
  const isMissing = errno === errnos.EOPNOTSUPP || errno === errnos.EPROTONOSUPPORT || errno === errnos.EINVAL;
  return {
    code: isMissing ? 'kernel.featureMissing' : 'flows.notEnded',
    subject: what,
    message: `${what} of a dead uplink were not ended: ${errnoName(errno)}`,
    remedy: isMissing
      ? 'use a kernel with CONFIG_INET_DIAG_DESTROY; programs wait for their own time-outs until then'
      : 'programs wait for their own time-outs',
  };
};
