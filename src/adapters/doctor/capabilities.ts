import { textAt } from '../files/readings.ts';

/** Bits of the capability sets (linux/capability.h). */
const bits = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n } as const;

export type Capability = keyof typeof bits;

/**
 * Whether this process may use a capability now: what counts is the effective set (proc(5), CapEff), not the user. Root
 * in a container may be without, and a service user may have it. Null when /proc does not say.
 */
export function hasCapability(capability: Capability, proc = '/proc'): boolean | null {
  const effective = /^CapEff:\s*([\da-f]+)$/mu.exec(textAt(proc, 'self/status') ?? '')?.[1];
  return effective === undefined ? null : ((BigInt(`0x${effective}`) >> bits[capability]) & 1n) === 1n;
}
