import type { ProbeFailure } from '../../model/probe.ts';
import type { SocketFailure } from './uplink-sockets.ts';

/** What the kernel's errors on a bound socket say of the uplink. */
const failures: Readonly<Record<string, ProbeFailure>> = {
  // From the kernel without a route, or from a router by ICMP.
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  // The source address is no longer on the node.
  EADDRNOTAVAIL: 'unreachable',
  ENETDOWN: 'linkDown',
  ENODEV: 'linkDown',
  ENXIO: 'linkDown',
  EPERM: 'notPermitted',
  EACCES: 'notPermitted',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'badAnswer',
  EPIPE: 'badAnswer',
};

/**
 * What the same errors say once a socket is there, while connecting or sending. A `prohibit` route or a firewall answers
 * EACCES or EPERM, a `blackhole` route EINVAL: other traffic would fare no better, so this is evidence about the uplink.
 */
const failuresOnTheWay: Readonly<Record<string, ProbeFailure>> = {
  ...failures,
  EPERM: 'unreachable',
  EACCES: 'unreachable',
  EINVAL: 'unreachable',
};

/** `EHOSTUNREACH` while connecting or sending, as a failure. */
export const wayFailure = (code: string, what: string): SocketFailure =>
  failureOf(failuresOnTheWay[code] ?? 'internal', `${what}: ${code}`);

/** `EPERM` while opening or binding a socket, as a failure. Codes that are not listed are errors of this program or this node. */
export const socketFailure = (code: string, what: string): SocketFailure =>
  failureOf(failures[code] ?? 'internal', `${what}: ${code}`);

export function failureOf(failure: ProbeFailure, message: string): SocketFailure {
  return { ok: false, failure, message };
}

/** The code of an error that Node reports, or its message where it has none. */
export const codeOfError = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message;
