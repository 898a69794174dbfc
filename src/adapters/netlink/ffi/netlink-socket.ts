import { errnos, type Libc, sockets } from '../../libc/libc.ts';
import { viewOf } from '../codec/message.codec.ts';

const { AF_NETLINK, SOCK_RAW, SOL_SOCKET, SOL_NETLINK, SO_RCVBUF, SO_RCVBUFFORCE, MSG_TRUNC } = sockets;
/** linux/netlink.h. */
export const netlinkProtocol = { route: 0, socketDiag: 4, netfilter: 12, generic: 16 } as const;
const option = { capAck: 10, extendedAck: 11, strictCheck: 12 } as const;
/** linux/rtnetlink.h: bit n − 1 for group n. */
const group = {
  link: 1,
  neighbour: 3,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv4Rule: 8,
  ipv6Address: 9,
  ipv6Route: 11,
  ipv6Rule: 19,
} as const;
const allGroups = Object.values(group).reduce((bits, number) => bits | (1 << (number - 1)), 0);

/** Enough for some 20,000 notifications; the default holds 256. */
const eventBuffer = 16 * 1024 * 1024;
/** The kernel makes its datagrams of a dump at most this long. */
const datagramLimit = 64 * 1024;

/** One datagram; valid until the next is read. `empty`: nothing more now. `lost`: notifications were dropped. */
export type Reading = Uint8Array | 'empty' | 'lost' | { readonly errno: number };

/** A netlink socket. */
export class NetlinkSocket {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #buffer = new Uint8Array(datagramLimit);
  readonly #sender = new Uint8Array(12);

  private constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.fd = fd;
  }

  /** A socket that hears what happens to routes and links (`events`), or one to ask by (`requests`); else a positive errno. */
  static open(
    libc: Libc,
    purpose: 'events' | 'requests',
    protocol: number = netlinkProtocol.route,
  ): NetlinkSocket | number {
    const fd = libc.socket(AF_NETLINK, SOCK_RAW, protocol);
    if (fd < 0) return -fd;
    const address = new Uint8Array(12);
    viewOf(address).setUint16(0, AF_NETLINK, true);
    if (purpose === 'events') {
      viewOf(address).setUint32(8, allGroups, true);
      // Only the privileged may go beyond net.core.rmem_max.
      if (libc.setIntegerOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, eventBuffer) < 0) {
        libc.setIntegerOption(fd, SOL_SOCKET, SO_RCVBUF, eventBuffer);
      }
    } else {
      // Older kernels lack some of these: their answers are longer, or say less.
      for (const name of Object.values(option)) libc.setIntegerOption(fd, SOL_NETLINK, name, 1);
    }
    const bound = libc.bind(fd, address);
    if (bound < 0) {
      libc.close(fd);
      return -bound;
    }
    return new NetlinkSocket(libc, fd);
  }

  read(): Reading {
    for (;;) {
      const length = this.#libc.receiveFrom(this.fd, this.#buffer, MSG_TRUNC, this.#sender);
      if (length === -errnos.EAGAIN) return 'empty';
      if (length === -errnos.ENOBUFS) return 'lost';
      if (length === -errnos.EINTR) continue;
      if (length < 0) return { errno: -length };
      // Only the kernel has port 0: another process may send here too.
      if (viewOf(this.#sender).getUint32(4, true) !== 0) continue;
      return length > this.#buffer.length ? 'lost' : this.#buffer.subarray(0, length);
    }
  }

  /** 0, or a positive errno. */
  send(message: Uint8Array): number {
    const sent = this.#libc.sendTo(this.fd, message, 0, null);
    return sent < 0 ? -sent : 0;
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}
