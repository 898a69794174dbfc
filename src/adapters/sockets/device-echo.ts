import type { Family } from '../../model/family.ts';
import { sockets, type Libc } from '../libc/libc.ts';
import { exchangeDatagrams } from './device-datagrams.ts';
import { openDeviceSocket } from './device-socket.ts';
import { echoReplyType, encodeEchoRequest, isEchoReply, withoutIpv4Header } from './icmp.codec.ts';
import { failureOf } from './socket-failures.ts';
import type { EchoRequest, End, ExchangeOutcome, SocketFailure, UplinkPath } from './uplink-sockets.ts';

const protocols: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: 58 };

interface EchoSocket {
  readonly ok: true;
  readonly fd: number;
  readonly isRaw: boolean;
}

/** Sends one echo request by a ping socket or, where that is not allowed, by a raw one. */
export function startEcho(
  libc: Libc,
  path: UplinkPath,
  address: string,
  echo: EchoRequest,
  settle: (outcome: ExchangeOutcome) => void,
): End {
  const { family } = path;
  const opened = openEchoSocket(libc, path);
  if (!opened.ok) {
    settle(opened);
    return () => {};
  }
  const expected = { ...echo, identifier: opened.isRaw ? echo.identifier : null };
  return exchangeDatagrams(libc, opened.fd, {
    path,
    peer: { address, port: 0 },
    datagram: encodeEchoRequest(family, echo),
    judge(packet) {
      const message = opened.isRaw && family === 'ipv4' ? withoutIpv4Header(packet) : packet;
      return message !== null && isEchoReply(family, message, expected) ? 'answer' : 'foreign';
    },
    settle,
  });
}

function openEchoSocket(libc: Libc, path: UplinkPath): EchoSocket | SocketFailure {
  const protocol = protocols[path.family];
  const ping = openDeviceSocket(libc, path, sockets.SOCK_DGRAM, protocol);
  if (ping.ok) return { ...ping, isRaw: false };
  // net.ipv4.ping_group_range shuts out everyone by default, root too.
  if (ping.failure !== 'notPermitted') return ping;
  const raw = openDeviceSocket(libc, path, sockets.SOCK_RAW, protocol);
  if (!raw.ok) {
    return raw.failure === 'notPermitted'
      ? failureOf('notPermitted', 'ICMP needs CAP_NET_RAW, or a group of this process in net.ipv4.ping_group_range')
      : raw;
  }
  setReplyFilter(libc, raw.fd, path.family);
  return { ...raw, isRaw: true };
}

/** A raw socket sees every ICMP message of the node; the kernel drops all but replies, which costs no wake-up. */
function setReplyFilter(libc: Libc, fd: number, family: Family): void {
  const reply = echoReplyType(family);
  const SOL_RAW = 255;
  const filter = 1;
  // A set bit blocks its type: ICMP_FILTER of raw(7), ICMPV6_FILTER of RFC 3542 section 3.2.
  const blocked = new Uint32Array(family === 'ipv4' ? 1 : 8).fill(0xffff_ffff);
  blocked[reply >> 5] = ~(1 << (reply & 31)) >>> 0;
  libc.setOption(fd, family === 'ipv4' ? SOL_RAW : protocols.ipv6, filter, new Uint8Array(blocked.buffer));
}
