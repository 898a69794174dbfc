import { readFileSync, readlinkSync } from 'node:fs';

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
    boot: attempt(() => readFileSync(`${proc}/sys/kernel/random/boot_id`, 'utf8').trim()),
    namespace: attempt(() => readlinkSync(`${proc}/self/ns/net`)),
  };
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
