import { readFileSync } from 'node:fs';
import type { Clock, SleepReader } from '../../streams/ports.ts';
import { milliseconds, type Milliseconds } from '../../model/units.ts';

/** The time since the machine was started, sleep included. */
export interface BootClock {
  /** Null where the kernel does not say. To 10 ms. */
  sinceBoot(): Milliseconds | null;
}

/**
 * CLOCK_BOOTTIME, as `/proc/uptime` has it (proc_uptime(5)). Nobody can set it, and unlike the clock that Node measures
 * with it goes on while the machine sleeps.
 */
export const createBootClock = (path = '/proc/uptime'): BootClock => ({
  sinceBoot() {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      return null;
    }
    const seconds = /^(\d+\.\d+)(?: |$)/u.exec(text)?.[1];
    return seconds === undefined ? null : milliseconds(Math.round(Number(seconds) * 1000));
  },
});

/** A sleep moves the wall clock by its whole length; what that differs by less is the noise of reading two clocks. In milliseconds. */
const wallJump = 250;
/** The wall clock may have been set while the machine slept: so often the clock of the boot is read anyhow. In milliseconds. */
const anyhow = 30_000;

/**
 * How long the machine has been asleep: what the clock of the boot shows more than the one that stands still meanwhile.
 *
 * It is asked twice a second, and /proc is a third of what such a look costs: so it is read when the wall clock, which
 * costs nothing, has gone another way than the awake one.
 */
export const createSleepReader = (
  awake: Clock,
  bootClock: BootClock = createBootClock(),
  wall: () => number = Date.now,
): SleepReader => {
  let last: { readonly asleep: number | null; readonly at: number; readonly offset: number } | null = null;
  return {
    asleep() {
      const at = awake.now();
      const offset = wall() - at;
      if (last !== null && at - last.at < anyhow && Math.abs(offset - last.offset) < wallJump) return last.asleep;
      const sinceBoot = bootClock.sinceBoot();
      last = { asleep: sinceBoot === null ? null : sinceBoot - awake.now(), at, offset };
      return last.asleep;
    },
  };
};
