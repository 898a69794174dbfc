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

/** `EHOSTUNREACH` while doing `what`, as a failure. Codes that are not listed are errors of this program or this node. */
export const socketFailure = (code: string, what: string): SocketFailure => ({
  ok: false,
  failure: failures[code] ?? 'internal',
  message: `${what}: ${code}`,
});

export const failureOf = (failure: ProbeFailure, message: string): SocketFailure => ({ ok: false, failure, message });

/** The code of an error that Node reports, or its message where it has none. */
export const codeOfError = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message;
