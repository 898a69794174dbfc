/** How much a counter of the kernel has grown between two looks. */
import type { Milliseconds } from '../model/units.ts';

/** No uplink is faster, in bytes a millisecond: 2 Gbit/s. */
const fastest = 250_000;
/** Also of a moment, for a look may come late. */
const slack = 64 * 1024 ** 2;

/**
 * Bytes since the look before, never less than none.
 *
 * A counter that shows less than before was set back to zero, or it has wrapped: drivers on 32-bit machines count to
 * 2³² (net_device_stats is made of `unsigned long`). It has wrapped when what that would make could have passed in the
 * time, else it began anew.
 */
export function growth(before: number, now: number, elapsed: Milliseconds): number {
  if (now >= before) return now - before;
  const width = before < 2 ** 32 ? 2 ** 32 : 2 ** 64;
  const wrapped = width - before + now;
  return wrapped <= elapsed * fastest + slack ? wrapped : now;
}
