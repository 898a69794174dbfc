import { createActor, type ActorRefFrom } from 'xstate';
import type { SelectionChanged, SelectionInput } from '../../../src/machines/selection/selection.context.ts';
import type { Contender } from '../../../src/machines/selection/selection-rules.decisions.ts';
import { selectionMachine } from '../../../src/machines/selection/selection.machine.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';

/** One family's choice with a clock of its own, and what it told. It has no parent here, so it tells itself. */
export class SelectionBench {
  readonly clock = new DiscreteClock();
  readonly actor: ActorRefFrom<typeof selectionMachine>;
  readonly told: SelectionChanged[] = [];

  constructor(contenders: readonly Contender[], overrides: Partial<SelectionInput> = {}) {
    const { selection: config } = defaultConfig;
    const at = this.clock.now();
    const input = { family: 'ipv4', config, contenders, pinned: null, incumbent: null, at, ...overrides } as const;
    this.actor = createActor(selectionMachine, {
      input,
      clock: this.clock,
      inspect: (seen) => {
        if (seen.type === '@xstate.event' && isChange(seen.event)) this.told.push(seen.event);
      },
    }).start();
  }

  get value() {
    return this.actor.getSnapshot().value;
  }
  get context() {
    return this.actor.getSnapshot().context;
  }

  change(contender: Contender): void {
    this.actor.send({ type: 'contender.changed', contender, at: this.clock.now() });
  }
  lose(index: number): void {
    this.actor.send({ type: 'contender.lost', index, at: this.clock.now() });
  }
  pin(pinned: string | null): void {
    this.actor.send({ type: 'pin.changed', pinned, at: this.clock.now() });
  }
}

const isChange = (event: { readonly type: string }): event is SelectionChanged => event.type === 'selection.changed';
