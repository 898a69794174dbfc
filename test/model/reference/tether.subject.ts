import * as fc from 'fast-check';
import { createActor } from 'xstate';
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import type { LeasePhase } from '../../../src/machines/lease/lease.context.ts';
import { tetherMachine } from '../../../src/machines/tether/tether.machine.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { Instant } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { badRound, goodRound } from '../../unit/machines/examples.ts';
import { phone } from '../../unit/machines/phone-bench.ts';
import type { Run, Seen, Subject } from './subject.ts';
import { TetherModel } from './tether.model.ts';
import { waits, type Wait } from './time.commands.ts';

type Command =
  | Wait
  | { readonly type: 'stands'; readonly lease: LeasePhase | null; readonly hasWay: boolean }
  | { readonly type: 'round'; readonly isAnswered: boolean };

class TetherRun implements Run<Command> {
  readonly #clock = new DiscreteClock();
  readonly #model;
  readonly #actor;

  constructor(validateRoute: boolean) {
    const facts = phone();
    const config = { ...defaultConfig, usbTether: { ...defaultConfig.usbTether, validateRoute } };
    const standing = { lease: null, leaseProblem: null, hasWay: false };
    const classification = classify(facts, config);
    const input = { config, classification, facts, standing, wasReady: false, at: this.#clock.now() };
    this.#actor = createActor(tetherMachine, { input, clock: this.#clock }).start();
    this.#model = new TetherModel(config.usbTether.dhcpTimeout, validateRoute);
  }

  now(): Instant {
    return this.#clock.now();
  }

  end(): void {
    this.#actor.stop();
    if (this.#clock.pending > 0) throw new Error(`${this.#clock.pending} timers are left`);
  }

  look(): { machine: Seen; reference: Seen } {
    const { view } = this.#actor.getSnapshot().context;
    const { state, dueAt, trouble } = this.#model;
    const isKeptBack = state !== 'ready' && state !== 'released';
    return {
      machine: {
        state: view?.state,
        isKeptBack: view?.withheldBecause !== null,
        retryAt: view?.retryAt,
        problem: view?.problem?.code ?? null,
        nextDueAt: this.#clock.nextDueAt,
      },
      reference: {
        state,
        isKeptBack,
        retryAt: state === 'failed' ? dueAt : null,
        problem: trouble === null ? null : trouble === 'no answer' ? 'tether.notValidated' : 'lease.none',
        nextDueAt: dueAt === Infinity ? null : dueAt,
      },
    };
  }

  play(command: Command): string {
    const at = this.now();
    switch (command.type) {
      case 'wait': {
        const from = command.until === 'now' || this.#model.dueAt === Infinity ? at : this.#model.dueAt;
        this.#clock.advanceTo(Math.max(at, from + command.plus));
        this.#model.advance(this.now());
        return `wait until ${this.now() / 1000} s`;
      }
      case 'stands': {
        const { lease, hasWay } = command;
        this.#actor.send({ type: 'tether.stands', lease, leaseProblem: null, hasWay, at });
        this.#model.stands(lease, hasWay);
        return `its lease is ${lease ?? 'none of ours'}, ${hasWay ? 'a way out' : 'no way out'}`;
      }
      case 'round': {
        const round = command.isAnswered ? goodRound(1) : badRound(1);
        this.#actor.send({ type: 'probe.finished', index: 5, family: 'ipv4', path: 'any', round, at });
        if (command.isAnswered) this.#model.answered();
        return command.isAnswered ? 'something answers' : 'nothing answers';
      }
      default:
        return command satisfies never;
    }
  }
}

const one = (arbitrary: fc.Arbitrary<Command>): fc.Arbitrary<readonly Command[]> => arbitrary.map((it) => [it]);

const start = (validateRoute: boolean): Subject<Command> => ({
  name: validateRoute ? 'tether' : 'tether that is trusted',
  requirements: 'TETH-1, TETH-2',
  start: () => new TetherRun(validateRoute),
  commands: fc.oneof(
    { weight: 6, arbitrary: one(waits('pending')) },
    {
      weight: 6,
      arbitrary: one(
        fc.record({
          type: fc.constant('stands' as const),
          lease: fc.constantFrom<LeasePhase | null>('idle', 'asking', 'failing', 'held', 'held', 'elsewhere'),
          hasWay: fc.boolean(),
        }),
      ),
    },
    {
      weight: 3,
      arbitrary: one(fc.record({ type: fc.constant('round' as const), isAnswered: fc.boolean() })),
    },
  ),
});

export const tetherSubject = start(true);
export const trustedTetherSubject = start(false);
