import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNET = 0x4000_0000;

/** Addresses are not tested for duplicates, which takes 1–2 s. */
const quick = { 'ipv6/conf/default/accept_dad': '0', 'ipv6/conf/default/dad_transmits': '0' };

/**
 * Moves this test file to a network namespace of its own, with `lo` up and nothing else. It holds for this thread, its
 * children, and the sockets it opens from now on; tests in other files are neither seen nor disturbed.
 */
export function enterOwnNetwork(): void {
  const unshare: unknown = koffi.load(null).func('int unshare(int flags)');
  if (typeof unshare !== 'function' || Reflect.apply(unshare, undefined, [CLONE_NEWNET]) !== 0) {
    throw new Error('a network namespace could not be made: run this by `npm run test:netns`');
  }
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  for (const [name, value] of Object.entries(quick)) writeFileSync(`/proc/sys/net/${name}`, value);
}
