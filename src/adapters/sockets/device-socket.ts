import { errnoName, sockets, type Libc } from '../libc/libc.ts';
import { domainOf, socketAddress } from './socket-address.ts';
import { failureOf, socketFailure, wayFailure } from './socket-failures.ts';
import type { Peer, SocketFailure, UplinkPath } from './uplink-sockets.ts';

/** Since Linux 5.0. By index, because a name may pass to another link between two system calls. */
const SO_BINDTOIFINDEX = 62;

/** A descriptor that is bound to an uplink. */
export interface DeviceSocket {
  readonly ok: true;
  readonly fd: number;
}

/** Opens a socket, bound to the path's interface and source address. Whoever gets it has to close it. */
export function openDeviceSocket(
  libc: Libc,
  path: UplinkPath,
  type: number,
  protocol: number,
): DeviceSocket | SocketFailure {
  const source = socketAddress(path.source, 0);
  if (source === null) return failureOf('internal', `${path.source} is no address`);
  const fd = libc.socket(domainOf[path.family], type, protocol);
  if (fd < 0) return socketFailure(errnoName(fd), 'opening a socket');
  const bound = libc.setIntegerOption(fd, sockets.SOL_SOCKET, SO_BINDTOIFINDEX, path.interface.index);
  const addressed = bound < 0 ? bound : libc.bind(fd, source);
  if (addressed >= 0) return { ok: true, fd };
  libc.close(fd);
  return socketFailure(errnoName(addressed), `binding to ${path.interface.name} and ${path.source}`);
}

/** Starts connecting; null when it is under way or done. */
export function startConnecting(libc: Libc, fd: number, path: UplinkPath, peer: Peer): SocketFailure | null {
  const address = socketAddress(peer.address, peer.port);
  if (address === null) return failureOf('internal', `${peer.address} is no address`);
  const result = libc.connect(fd, address);
  if (result >= 0 || errnoName(result) === 'EINPROGRESS') return null;
  return wayFailure(errnoName(result), `${peer.address} by ${path.interface.name}`);
}

/** Whether this process may bind sockets to interfaces; the reason when it may not. */
export function whyNoDeviceSockets(libc: Libc): string | null {
  const fd = libc.socket(sockets.AF_INET, sockets.SOCK_DGRAM, 0);
  if (fd < 0) return `no socket can be opened (${errnoName(fd)})`;
  // Index 1 is the loopback of every network namespace.
  const result = libc.setIntegerOption(fd, sockets.SOL_SOCKET, SO_BINDTOIFINDEX, 1);
  libc.close(fd);
  return result < 0 ? `the kernel refuses SO_BINDTOIFINDEX (${errnoName(result)})` : null;
}
