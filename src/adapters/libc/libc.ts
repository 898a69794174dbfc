import type koffiModule from 'koffi';
import type { Problem } from '../../model/errors.ts';
import { type Watch, watcherOf } from './watch.ts';

/**
 * The few calls of the C library that Node does not offer, by FFI. Every call returns what the kernel's system calls
 * return: a value of 0 or more, or the negative errno (`-errnos.EAGAIN`). None throws. A descriptor opened here must be
 * closed here, after its watcher.
 */
export interface Libc {
  /** A new descriptor. SOCK_CLOEXEC and SOCK_NONBLOCK are always added: no child inherits it, no call waits. */
  socket(domain: number, type: number, protocol: number): number;
  /** `address`: a `struct sockaddr_*`, in bytes. */
  bind(fd: number, address: Uint8Array): number;
  connect(fd: number, address: Uint8Array): number;
  setOption(fd: number, level: number, name: number, value: Uint8Array): number;
  /** `setOption` with a C `int`. */
  setIntegerOption(fd: number, level: number, name: number, value: number): number;
  /** Fills `value`; returns how many bytes of it. */
  getOption(fd: number, level: number, name: number, value: Uint8Array): number;
  /** The bytes sent. `address` null: to where the socket is connected. */
  sendTo(fd: number, data: Uint8Array, flags: number, address: Uint8Array | null): number;
  /** The bytes received, 0 at the end of a stream. `sender`, if given, takes the `struct sockaddr_*` they came from. */
  receiveFrom(fd: number, buffer: Uint8Array, flags: number, sender?: Uint8Array): number;
  /** Fills `address` with the socket's own; returns how many bytes of it. */
  getSocketName(fd: number, address: Uint8Array): number;
  /** fcntl with an integer argument. */
  control(fd: number, command: number, argument: number): number;
  close(fd: number): number;
  /** Calls back when the descriptor is ready: see `Watch`. */
  readonly watch: Watch;
}

/** Error numbers of Linux (asm-generic/errno.h; the same on x86, arm and riscv). */
export const errnos = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EPROTONOSUPPORT: 93,
  ESOCKTNOSUPPORT: 94,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTDOWN: 112,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  EINPROGRESS: 115,
} as const;

const names = new Map<number, string>(Object.entries(errnos).map(([name, number]) => [number, name]));

/** `EPERM` for 1 and for -1; `errno 71` for one that has no name here. */
export const errnoName = (errno: number): string => names.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;

/** Socket constants (asm-generic/socket.h, bits/socket.h). */
export const sockets = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOL_SOCKET: 1,
  SOL_NETLINK: 270,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_LINGER: 13,
  SO_BINDTODEVICE: 25,
  SO_RCVBUFFORCE: 33,
  SO_MARK: 36,
  MSG_PEEK: 2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
} as const;

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

export type LibcResult = { readonly ok: true; readonly libc: Libc } | { readonly ok: false; readonly problem: Problem };

let loading: Promise<LibcResult> | undefined;

/**
 * The binding; loaded at the first call and shared afterwards. `tool.missing` where koffi is not installed or has no
 * native code for this machine.
 */
export function loadLibc(): Promise<LibcResult> {
  loading ??= import('koffi').then(
    ({ default: koffi }) => bindLibc(koffi),
    (error: unknown) => unavailable(error),
  );
  return loading;
}

const unavailable = (error: unknown): LibcResult => ({
  ok: false,
  problem: {
    code: 'tool.missing',
    subject: 'koffi',
    message: `The C library cannot be called: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'install the optional native package @koromix/koffi-linux-* for this machine',
  },
});

function bindLibc(koffi: typeof koffiModule): LibcResult {
  try {
    const library = koffi.load(null);
    type Call = (...values: readonly (number | Uint8Array | Uint32Array | null)[]) => number;
    const bind = (name: string, result: string, parameters: readonly string[]): Call => {
      const call = library.func(name, result, [...parameters]) as Call;
      // errno is read before anything else can run in this thread.
      return (...values) => {
        const value = call(...values);
        return value < 0 ? -koffi.errno() : value;
      };
    };
    const socket = bind('socket', 'int', ['int', 'int', 'int']);
    const bindTo = bind('bind', 'int', ['int', 'void *', 'uint32_t']);
    const connect = bind('connect', 'int', ['int', 'void *', 'uint32_t']);
    const setOption = bind('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
    const getOption = bind('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']);
    const sendTo = bind('sendto', 'intptr_t', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32_t']);
    const receiveFrom = bind('recvfrom', 'intptr_t', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']);
    const getSocketName = bind('getsockname', 'int', ['int', 'void *', 'void *']);
    const close = bind('close', 'int', ['int']);
    const control = koffi.load(null).func('int fcntl(int fd, int command, ...)') as (
      fd: number,
      command: number,
      type: string,
      argument: number,
    ) => number;

    // One of each for all calls, which are over before the next begins: probes make hundreds of them a minute.
    const length = new Uint32Array(1);
    const integer = new Int32Array(1);
    const integerBytes = new Uint8Array(integer.buffer);

    const withLength = (buffer: Uint8Array, call: () => number): number => {
      length[0] = buffer.length;
      const result = call();
      return result < 0 ? result : length[0];
    };

    const libc: Libc = {
      socket: (domain, type, protocol) => socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol),
      bind: (fd, address) => bindTo(fd, address, address.length),
      connect: (fd, address) => connect(fd, address, address.length),
      setOption: (fd, level, name, value) => setOption(fd, level, name, value, value.length),
      setIntegerOption: (fd, level, name, value) => {
        integer[0] = value;
        return setOption(fd, level, name, integerBytes, 4);
      },
      getOption: (fd, level, name, value) => withLength(value, () => getOption(fd, level, name, value, length)),
      sendTo: (fd, data, flags, address) => sendTo(fd, data, data.length, flags, address, address?.length ?? 0),
      receiveFrom: (fd, buffer, flags, sender) => {
        length[0] = sender?.length ?? 0;
        return receiveFrom(fd, buffer, buffer.length, flags, sender ?? null, sender === undefined ? null : length);
      },
      getSocketName: (fd, address) => withLength(address, () => getSocketName(fd, address, length)),
      control: (fd, command, argument) => {
        const value = control(fd, command, 'int', argument);
        return value < 0 ? -koffi.errno() : value;
      },
      close: (fd) => close(fd),
      watch: watcherOf(koffi.node),
    };
    return { ok: true, libc };
  } catch (error) {
    return unavailable(error);
  }
}
