import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { Clock } from '../streams/ports.ts';
import { instant, toMicrosecond, type Instant } from '../model/units.ts';

/** The monotonic clock, and the way from its instants to the time on the wall. */
export interface SystemClock extends Clock {
  /** Milliseconds since the process started, to a microsecond. It never goes back and never jumps. */
  now(): Instant;
  /** An instant as ISO 8601 in UTC. One instant has the same text each time, until the wall clock is set. */
  wallTime(at: Instant): string;
}

export interface ClockSources {
  readonly monotonic: () => number;
  readonly wall: () => number;
}

/** A wall clock that differs by more than this was set by someone; less is the noise of reading two clocks. */
const jump = 500;

/**
 * Creates the clock.
 *
 * The two clocks are compared once, and anew when the wall clock was set. Then earlier instants get new texts too: a
 * node without a battery-backed clock starts in 1970, and what it saw before its time was set did not happen then.
 */
export function createClock(
  sources: ClockSources = { monotonic: () => performance.now(), wall: () => Date.now() },
): SystemClock {
  const offset = (): number => sources.wall() - sources.monotonic();
  let anchor = offset();
  return {
    now: () => toMicrosecond(instant(sources.monotonic())),
    wallTime(at) {
      const current = offset();
      if (Math.abs(current - anchor) > jump) anchor = current;
      return new Date(anchor + at).toISOString();
    },
  };
}

/**
 * Timers whose `now` is the clock's. That of `asyncScheduler` is the wall's: a wait that it measures lasts an hour when
 * the wall clock is set back by one, and ends at once when a node without a battery-backed clock learns the time.
 */
export const schedulerOf = (clock: Clock): SchedulerLike => ({
  now: () => clock.now(),
  schedule: asyncScheduler.schedule.bind(asyncScheduler),
});
