import * as fc from 'fast-check';
import { createActor } from 'xstate';
import { selectionMachine } from '../../../src/machines/selection/selection.machine.ts';
import { defaultConfig, type SelectionConfig } from '../../../src/model/config.ts';
import { seconds } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { complaintsAbout } from './ranking.model.ts';
import { SelectionModel, type Candidate } from './selection.model.ts';
import type { Run, Seen, Subject } from './subject.ts';
import { waits, type Wait } from './time.commands.ts';

const uplinks = [
  { name: 'eth0', bias: 100 },
  { name: 'eth1', bias: 100 },
  { name: 'wlan0', bias: 80 },
  { name: 'wwan0', bias: 60 },
] as const;

type Figures = Partial<Omit<Candidate, 'index' | 'name' | 'bias' | 'rounds' | 'scoreLessOneLoss'>>;

type Command =
  | Wait
  | { readonly type: 'figures'; readonly index: number; readonly figures: Figures }
  | { readonly type: 'round'; readonly index: number }
  /** Another path: nothing is known of it. */
  | { readonly type: 'fresh'; readonly index: number }
  | { readonly type: 'gone'; readonly index: number }
  | { readonly type: 'pin'; readonly name: string | null };

/** Of one lost sample in a window of 20. */
const oneLoss = 125;

const unprobed = (index: number): Candidate => ({
  index,
  name: uplinks[index]?.name ?? '?',
  bias: uplinks[index]?.bias ?? 0,
  isUsable: true,
  verdict: 'unknown',
  isEmergencyOnly: false,
  lifecycle: 'probing',
  isSuppressed: false,
  score: 200 + (uplinks[index]?.bias ?? 0),
  scoreLessOneLoss: 200 + (uplinks[index]?.bias ?? 0),
  rounds: 0,
  lostSamples: 0,
});

class SelectionRun implements Run<Command> {
  readonly #clock = new DiscreteClock();
  readonly #candidates = new Map<number, Candidate>();
  readonly #actor;
  readonly #model;
  #before: readonly number[] = [];
  #complaints: readonly string[] = [];

  constructor(incumbent: number | null, config: SelectionConfig) {
    const contenders = [0, 1, 2].map(unprobed);
    for (const one of contenders) this.#candidates.set(one.index, one);
    const at = this.#clock.now();
    const input = { family: 'ipv4', config, contenders, pinned: null, incumbent, at } as const;
    this.#actor = createActor(selectionMachine, { input, clock: this.#clock }).start();
    this.#model = new SelectionModel(config, contenders, null, incumbent, at);
    this.#rank();
  }

  now(): number {
    return this.#clock.now();
  }

  end(): void {
    this.#actor.stop();
    if (this.#clock.pending > 0) throw new Error(`${this.#clock.pending} timers are left`);
  }

  play(command: Command): string {
    const story = this.#play(command);
    this.#rank();
    return story;
  }

  look(): { machine: Seen; reference: Seen } {
    const { active, awaited } = this.#actor.getSnapshot().context;
    return {
      machine: {
        active: active === null ? null : { index: active.index, rule: active.rule, since: active.since },
        awaited:
          awaited === null
            ? null
            : { index: awaited.index, since: awaited.since, dueAt: awaited.dueAt, roundsLeft: awaited.roundsLeft },
        isExplained: active === null || active.because.includes(active.name),
        complaints: this.#complaints,
      },
      reference: { active: this.#model.active, awaited: this.#model.awaited, isExplained: true, complaints: [] },
    };
  }

  #rank(): void {
    const { ranking } = this.#actor.getSnapshot().context;
    this.#complaints = complaintsAbout(ranking, this.#before, this.#model);
    this.#before = ranking.map(({ index }) => index);
  }

  #play(command: Command): string {
    const at = this.#clock.now();
    switch (command.type) {
      case 'wait': {
        const dueAt = command.until === 'challenge' ? (this.#model.awaited?.dueAt ?? at) : at;
        this.#clock.advanceTo(Math.max(at, dueAt + command.plus));
        this.#model.advance(this.#clock.now());
        return `wait until ${this.#clock.now() / 1000} s`;
      }
      case 'figures':
        return this.#change({ ...this.#candidate(command.index), ...command.figures }, JSON.stringify(command.figures));
      case 'round': {
        const before = this.#candidate(command.index);
        return this.#change({ ...before, rounds: before.rounds + 1 }, 'one more round');
      }
      case 'fresh': {
        const { lifecycle, isSuppressed, isEmergencyOnly } = this.#candidate(command.index);
        return this.#change({ ...unprobed(command.index), lifecycle, isSuppressed, isEmergencyOnly }, 'another path');
      }
      case 'gone':
        this.#candidates.delete(command.index);
        this.#actor.send({ type: 'contender.lost', index: command.index, at });
        this.#model.lose(command.index, at);
        return `${uplinks[command.index]?.name} is gone`;
      case 'pin':
        this.#actor.send({ type: 'pin.changed', pinned: command.name, at });
        this.#model.pin(command.name, at);
        return `pin ${command.name ?? 'auto'}`;
      default:
        return command satisfies never;
    }
  }

  #candidate(index: number): Candidate {
    return this.#candidates.get(index) ?? unprobed(index);
  }

  #change(given: Candidate, story: string): string {
    const at = this.#clock.now();
    const candidate = { ...given, scoreLessOneLoss: given.score + (given.lostSamples > 0 ? oneLoss : 0) };
    this.#candidates.set(candidate.index, candidate);
    this.#actor.send({ type: 'contender.changed', contender: candidate, at });
    this.#model.change(candidate, at);
    return `${candidate.name}: ${story}`;
  }
}

const index = fc.nat(uplinks.length - 1);
const one = (arbitrary: fc.Arbitrary<Command>): fc.Arbitrary<readonly Command[]> => arbitrary.map((it) => [it]);
const figures = (given: fc.Arbitrary<Figures>) =>
  one(fc.record({ type: fc.constant('figures' as const), index, figures: given }));

/** A good score that an uplink does not keep while it carries the traffic, again and again. */
const surges = fc
  .record({
    index,
    count: fc.integer({ min: 1, max: 4 }),
    high: fc.constantFrom(1000, 1050),
    low: fc.constantFrom(300, 850, 949),
  })
  .map(({ index: each, count, high, low }) => {
    const good = { verdict: 'healthy', lifecycle: 'up', lostSamples: 0, isUsable: true } as const;
    const others = uplinks.flatMap((_, other) => (other === each ? [] : [other]));
    const rounds = (indexes: readonly number[]): readonly Command[] =>
      indexes.flatMap((one) => Array.from({ length: 3 }, () => ({ type: 'round', index: one }) as const));
    const scores = (score: number): Command => ({ type: 'figures', index: each, figures: { ...good, score } });
    const untilDue: Command = { type: 'wait', until: 'challenge', plus: 0 };
    const surge = [scores(high), rounds([each]), untilDue, scores(low), rounds(others), untilDue].flat();
    return Array.from({ length: count }, () => surge).flat();
  });

const start = (incumbent: number | null, config: SelectionConfig): Subject<Command> => ({
  name: incumbent === null ? 'selection' : 'selection that takes over an incumbent',
  requirements: 'SEL-1, SEL-2, SEL-3, SEL-4, ROUT-8',
  commands: fc.oneof(
    { weight: 10, arbitrary: one(waits('challenge')) },
    {
      weight: 8,
      arbitrary: figures(
        fc.record({ score: fc.constantFrom(300, 850, 900, 900.5, 949, 950, 951, 1000, 1000.25, 1050) }),
      ),
    },
    {
      weight: 5,
      arbitrary: figures(
        fc.record({ verdict: fc.constantFrom('healthy', 'healthy', 'healthy', 'degraded', 'failed') }),
      ),
    },
    {
      weight: 4,
      arbitrary: figures(
        fc.record({ verdict: fc.constant('healthy'), lifecycle: fc.constant('up'), score: fc.constantFrom(900, 1000) }),
      ),
    },
    {
      weight: 3,
      arbitrary: figures(fc.record({ lifecycle: fc.constantFrom('up', 'up', 'up', 'degraded', 'probing', 'down') })),
    },
    { weight: 2, arbitrary: figures(fc.record({ lostSamples: fc.constantFrom(0, 0, 1, 2, 3, 4) })) },
    { weight: 1, arbitrary: figures(fc.record({ isSuppressed: fc.boolean() })) },
    { weight: 1, arbitrary: figures(fc.record({ isEmergencyOnly: fc.boolean() })) },
    { weight: 2, arbitrary: figures(fc.record({ isUsable: fc.constantFrom(true, true, false) })) },
    { weight: 8, arbitrary: one(fc.record({ type: fc.constant('round' as const), index })) },
    { weight: 1, arbitrary: surges },
    {
      weight: 1,
      arbitrary: one(
        fc.record({
          type: fc.constant('wait' as const),
          until: fc.constant('now' as const),
          plus: fc.constantFrom(300_000, 1_800_000, 3_599_999, 3_600_000, 7_200_000),
        }),
      ),
    },
    {
      weight: 4,
      arbitrary: fc
        .record({ index, count: fc.integer({ min: 2, max: 4 }), pause: fc.constantFrom(0, 2500, 5000) })
        .map(({ index: each, count, pause }) =>
          Array.from({ length: count }).flatMap((): Command[] => [
            { type: 'round', index: each },
            { type: 'wait', until: 'now', plus: pause },
          ]),
        ),
    },
    { weight: 1, arbitrary: one(fc.record({ type: fc.constant('fresh' as const), index })) },
    { weight: 1, arbitrary: one(fc.record({ type: fc.constant('gone' as const), index })) },
    {
      weight: 1,
      arbitrary: one(
        fc.record({
          type: fc.constant('pin' as const),
          name: fc.constantFrom(null, null, 'eth0', 'eth1', 'wlan0', 'wwan0', 'nothing'),
        }),
      ),
    },
  ),
  start: () => new SelectionRun(incumbent, config),
});

export const selectionSubject = start(null, defaultConfig.selection);
/** With figures of its own, so that no two limits are the same number. */
export const adoptingSelectionSubject = start(2, {
  ...defaultConfig.selection,
  switchMargin: 49,
  switchAfter: seconds(15),
  switchRounds: 2,
  urgentMargin: 100,
  urgentLosses: 4,
});
