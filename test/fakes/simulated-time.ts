import { type VirtualAction, VirtualTimeScheduler } from 'rxjs';
import type { Clock } from '../../src/streams/ports.ts';

/** Time that passes only when told to, for timers and promises together: what a promise leads to happens before the next timer. */
export class SimulatedTime extends VirtualTimeScheduler implements Clock {
  /** Runs everything that is due up to `end`, in milliseconds since the start. */
  async runTo(end: number): Promise<void> {
    let stepsWithoutTime = 0;
    for (;;) {
      await settled();
      const due = this.actions[0]?.delay;
      if (due === undefined || due > end) break;
      stepsWithoutTime = due > this.frame ? 0 : stepsWithoutTime + 1;
      if (stepsWithoutTime > 10_000) throw new Error(`time stands still at ${this.frame} ms`);
      this.#step();
    }
    this.frame = end;
  }

  run(duration: number): Promise<void> {
    return this.runTo(this.frame + duration);
  }

  /** Runs one timer, so that two of the same instant have the promises of the first between them. */
  #step(): void {
    const action = this.actions.shift() as VirtualAction<unknown> | undefined;
    if (action === undefined) return;
    this.frame = action.delay;
    const failure: unknown = action.execute(action.state, action.delay);
    if (failure !== undefined) throw new Error('a timer failed', { cause: failure });
  }

  /** Timers that still wait. */
  get pending(): number {
    return this.actions.length;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
