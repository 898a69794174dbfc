import type { MachineTimers, RunningTimer } from '../model/recording.ts';
import { milliseconds, type Instant } from '../model/units.ts';

/** The machines' clock: XState's option `clock` of `createActor`. All actors of a system share it. */
export interface MachineClock extends MachineTimers {
  readonly setTimeout: (callback: () => void, delay: number) => number;
  readonly clearTimeout: (timer: number) => void;
}

interface Running extends Pick<RunningTimer, 'timer' | 'startedAt' | 'delay'> {
  readonly handle: NodeJS.Timeout;
}

/**
 * Creates timers that are numbered from 1 in the order in which they are started; the number is the handle too.
 *
 * What is in `running` and what the actors have scheduled is one list in one order, between two events: both begin and
 * end together.
 *
 * @param onFire told of each that is over, before what it was started for happens
 */
export function createMachineTimers(now: () => Instant, onFire: (timer: number, at: Instant) => void): MachineClock {
  let lastTimer = 0;
  const running = new Map<number, Running>();
  return {
    setTimeout(callback, delay) {
      const timer = ++lastTimer;
      const fire = (): void => {
        running.delete(timer);
        onFire(timer, now());
        callback();
      };
      running.set(timer, {
        timer,
        startedAt: now(),
        delay: milliseconds(delay),
        handle: setTimeout(fire, delay),
      });
      return timer;
    },
    clearTimeout(timer) {
      clearTimeout(running.get(timer)?.handle);
      running.delete(timer);
    },
    get running() {
      return [...running.values()];
    },
    get lastTimer() {
      return lastTimer;
    },
  };
}
