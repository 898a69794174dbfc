import { milliseconds, type Milliseconds } from '../../model/units.ts';
import type { Libc } from '../libc/libc.ts';

/** What the kernel knows of a TCP socket. */
export interface TcpInfo {
  readonly isEstablished: boolean;
  /** Measured by the kernel, so that a busy event loop does not add to it; null without a sample. */
  readonly rtt: Milliseconds | null;
  readonly retransmissions: number;
  /** Segments received: 0 tells an ICMP error from a RST. Null in kernels before 4.2. */
  readonly segmentsIn: number | null;
}

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_ESTABLISHED = 1;

/** Offsets in `struct tcp_info` (linux/tcp.h), which only ever grows at its end. */
const offsets = { state: 0, rtt: 68, totalRetransmissions: 100, segmentsIn: 140 } as const;

/** TCP_INFO of a socket, null when it cannot be had. */
export function readTcpInfo(libc: Libc, fd: number): TcpInfo | null {
  const bytes = new Uint8Array(256);
  const length = libc.getOption(fd, IPPROTO_TCP, TCP_INFO, bytes);
  if (length < offsets.totalRetransmissions + 4) return null;
  const view = new DataView(bytes.buffer);
  const rtt = view.getUint32(offsets.rtt, true);
  return {
    isEstablished: view.getUint8(offsets.state) === TCP_ESTABLISHED,
    rtt: rtt === 0 ? null : milliseconds(rtt / 1000),
    retransmissions: view.getUint32(offsets.totalRetransmissions, true),
    segmentsIn: length < offsets.segmentsIn + 4 ? null : view.getUint32(offsets.segmentsIn, true),
  };
}
