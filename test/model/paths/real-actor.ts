/** A real actor of a machine, with a parent that listens, a virtual clock, and everything it does inspected. */
import { createActor, fromTransition, type AnyActor, type AnyMachineSnapshot, type InspectionEvent } from 'xstate';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { TimerWatch, type Coverage } from './coverage.ts';
import type { Deed } from './timed-logic.ts';
import type { Sight } from './world.ts';

export class RealActor {
  readonly clock = new DiscreteClock();
  readonly #actor: AnyActor;
  readonly #coverage: Coverage;
  readonly #timers: TimerWatch;
  readonly #told: unknown[] = [];
  readonly #errors: unknown[] = [];
  #before: AnyMachineSnapshot | null = null;

  constructor(input: unknown, coverage: Coverage) {
    this.#coverage = coverage;
    this.#timers = new TimerWatch(coverage);
    const listener = fromTransition((_, event) => void this.#told.push(event), undefined);
    const inspect = (event: InspectionEvent): void => this.#inspect(event);
    const parent = createActor(listener, { clock: this.clock, inspect }).start();
    const actor: AnyActor = createActor(coverage.observed, { input, parent, id: 'walked' });
    this.#actor = actor;
    actor.on('*', (emission) => this.#told.push(emission));
    actor.subscribe({ error: (error: unknown) => this.#errors.push(error) });
    actor.start();
    coverage.enter(this.snapshot);
  }

  get snapshot(): AnyMachineSnapshot {
    return this.#actor.getSnapshot() as AnyMachineSnapshot;
  }

  get sight(): Sight<AnyMachineSnapshot> {
    const { snapshot, clock } = this;
    return { snapshot, before: this.#before, now: clock.now(), timers: this.#timers.running, told: this.#told };
  }

  undergo(deed: Deed): void {
    this.#coverage.steps++;
    this.#before = this.snapshot;
    if ('event' in deed) this.#actor.send(deed.event);
    else this.clock.advance(deed.advance);
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  /** Neither the parent nor children that only stand in for real ones take microsteps or start timers. */
  #inspect(event: InspectionEvent): void {
    if (event.type === '@xstate.microstep') {
      this.#coverage.take(event);
      if ('value' in event.snapshot) this.#coverage.enter(event.snapshot as AnyMachineSnapshot);
    } else if (event.type === '@xstate.action') {
      this.#timers.act(event.action, this.clock.now());
    } else if (event.type === '@xstate.event') {
      this.#timers.receive(event.event);
    }
  }
}
