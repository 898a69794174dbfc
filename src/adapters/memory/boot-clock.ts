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

/** How long the machine has been asleep: what the clock of the boot shows more than the one that stands still meanwhile. */
export const createSleepReader = (awake: Clock, bootClock: BootClock = createBootClock()): SleepReader => ({
  asleep() {
    const sinceBoot = bootClock.sinceBoot();
    return sinceBoot === null ? null : sinceBoot - awake.now();
  },
});
