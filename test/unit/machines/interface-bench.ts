import { createActor, type ActorRefFrom, type InspectionEvent } from 'xstate';
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import type { InterfaceUpdated } from '../../../src/machines/interface/interface.context.ts';
import { interfaceMachine } from '../../../src/machines/interface/interface.machine.ts';
import type { Config } from '../../../src/model/config.ts';
import { perFamily, type Family } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Round, Verdict } from '../../../src/model/probe.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { answered, badRound, facts, goodRound, hastyConfig, lost, round, targets } from './examples.ts';

/** One interface's actor with a clock of its own. */
export class InterfaceBench {
  readonly clock = new DiscreteClock();
  readonly actor: ActorRefFrom<typeof interfaceMachine>;
  /** What the parent was told. It has none here, so the actor tells itself. */
  readonly told: InterfaceUpdated[] = [];
  #facts: InterfaceFacts;
  #round = 0;

  constructor(initial: InterfaceFacts = facts(), config: Config = hastyConfig) {
    this.#facts = initial;
    const classification = classify(initial, config);
    const input = {
      config,
      facts: initial,
      classification,
      claims: [],
      blamed: perFamily(() => []),
      birth: 1,
      at: this.clock.now(),
    };
    const inspect = (seen: InspectionEvent): void => {
      if (seen.type === '@xstate.event' && isUpdate(seen.event)) this.told.push(seen.event);
    };
    this.actor = createActor(interfaceMachine, { input, clock: this.clock, inspect }).start();
  }

  get context() {
    return this.actor.getSnapshot().context;
  }
  get state(): string {
    return this.context.lifecycle;
  }

  change(overrides: Partial<InterfaceFacts>): void {
    this.#facts = { ...this.#facts, ...overrides };
    this.actor.send({ type: 'interface.changed', facts: this.#facts, at: this.clock.now() });
  }

  probe(samples: Round, family: Family = 'ipv4'): void {
    const path = this.context.pathIds[family];
    if (path === null) return;
    this.actor.send({ type: 'probe.finished', index: 2, family, path, round: samples, at: this.clock.now() });
  }

  /** Sends the round that makes this verdict. */
  judge(verdict: Exclude<Verdict, 'unknown'>): void {
    const id = ++this.#round;
    if (verdict === 'healthy') this.probe(goodRound(id));
    else if (verdict === 'failed') this.probe(badRound(id));
    else this.probe(round(id, [answered(targets[0]), lost(targets[1])]));
  }

  /** Brings the lifecycle to a state, with a fitting verdict, and lets `minStateDuration` pass. */
  reach(state: 'probing' | 'up' | 'degraded' | 'down'): this {
    if (state === 'up' || state === 'degraded') this.judge('healthy');
    if (state === 'up' || state === 'degraded') this.clock.advance(10_000);
    if (state === 'degraded') this.judge('degraded');
    if (state === 'degraded') this.clock.advance(15_000);
    if (state === 'down') this.judge('failed');
    this.clock.advance(5_000);
    return this;
  }
}

const isUpdate = (event: { readonly type: string }): event is InterfaceUpdated => event.type === 'interface.updated';
