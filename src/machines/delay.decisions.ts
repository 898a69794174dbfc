import { milliseconds, type Milliseconds } from '../model/units.ts';

/** The longest a timer waits: about 25 days. A longer delay, or none that is a number, would fire at once. */
const longestDelay = 2 ** 31 - 1;

/** A duration as a machine may wait for it. One that is over is no wait; one that is no number is the longest. */
export const asDelay = (duration: number): Milliseconds =>
  milliseconds(Number.isNaN(duration) ? longestDelay : Math.min(longestDelay, Math.max(0, Math.ceil(duration))));
