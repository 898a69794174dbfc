import { linkAt, textAt } from '../files/readings.ts';

/** Where and when an ifindex means something: one network namespace of one boot. */
export interface Scope {
  /** The kernel's random number for this boot. */
  readonly boot: string;
  /** The namespace's identity, as in `net:[4026531840]`. */
  readonly namespace: string;
}

/** The scope this process lives in. What cannot be read is the empty text, which is as good as any other constant. */
export function readScope(proc = '/proc'): Scope {
  return {
    boot: textAt(proc, 'sys/kernel/random/boot_id') ?? '',
    namespace: linkAt(proc, 'self/ns/net') ?? '',
  };
}
