import * as fc from 'fast-check';
import { createActor } from 'xstate';
import { hotspotMachine } from '../../../src/machines/hotspot/hotspot.machine.ts';
import { defaultConfig, type HotspotConfig } from '../../../src/model/config.ts';
import type { HotspotMode, RadioFacts } from '../../../src/model/hotspot.ts';
import { hours, milliseconds, minutes, seconds } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { HotspotModel } from './hotspot.model.ts';
import type { Run, Seen, Subject } from './subject.ts';

type Command =
  | { readonly type: 'wait'; readonly until: 'now' | 'deadline'; readonly plus: number }
  | { readonly type: 'surroundings'; readonly way: string | null; readonly isUplink: boolean }
  | { readonly type: 'radio'; readonly radio: RadioFacts | null }
  /** About the latest opening, or about one before it. */
  | { readonly type: 'opened' | 'failed' | 'closed'; readonly behind: number }
  | { readonly type: 'clients'; readonly behind: number; readonly clients: number }
  | { readonly type: 'mode'; readonly mode: HotspotMode }
  | { readonly type: 'rotate' }
  | { readonly type: 'slept'; readonly slept: number }
  | { readonly type: 'remembered'; readonly key: number; readonly age: number };

const base = { index: 3, interface: 'wlan0' } as const;
const able = { phy: 'phy0', supportsAccessPoint: true, supportsBoth: false, stationChannel: null } as const;
const radios: readonly (RadioFacts | null)[] = [
  null,
  { ...base, ...able },
  { ...base, ...able, stationChannel: 11 },
  { ...base, ...able, supportsBoth: true },
  { ...base, ...able, supportsBoth: true, stationChannel: 1 },
  { ...base, ...able, supportsBoth: true, stationChannel: 36 },
  { ...base, ...able, supportsAccessPoint: false },
  { ...base, ...able, phy: null, supportsAccessPoint: false },
];

const network = {
  interface: 'wlan0',
  ipv4: { address: '192.168.50.1', prefixLength: 24, peer: null },
  dhcpStart: '192.168.50.100',
  dhcpEnd: '192.168.50.200',
  ipv6: null,
} as const;

class HotspotRun implements Run<Command> {
  readonly #clock = new DiscreteClock();
  readonly #actor;
  readonly #model;

  constructor(config: HotspotConfig) {
    const at = this.#clock.now();
    const input = {
      config,
      wayOut: null,
      isRadioUplink: false,
      radio: undefined,
      mode: 'auto',
      memory: null,
      at,
    } as const;
    this.#actor = createActor(hotspotMachine, { input, clock: this.#clock }).start();
    this.#model = new HotspotModel(config, at);
  }

  now(): number {
    return this.#clock.now();
  }

  end(): void {
    this.#actor.stop();
    if (this.#clock.pending > 0) throw new Error(`${this.#clock.pending} timers are left`);
  }

  look(): { machine: Seen; reference: Seen } {
    const view = this.#actor.getSnapshot().context.view;
    const model = this.#model;
    const point = model.point;
    if (view === null) return { machine: 'nothing was told', reference: 'something' };
    const { intent, deadline, phase } = view;
    const isTold = !['starting', 'stopping'].includes(phase) && deadline !== null;
    return {
      machine: {
        state: view.state,
        since: view.since,
        mode: view.mode,
        opening: view.opening,
        intent:
          intent === null ? null : { opening: intent.opening, placement: intent.placement, channel: intent.channel },
        keys: intent === null ? null : [intent.key, intent.previousKey],
        isOnAir: view.network !== null,
        clients: view.clients,
        due: isTold ? deadline : null,
        problem: view.problem?.code ?? null,
        failures: view.failures,
        key: view.key,
        previous: view.previousKey === null ? null : { number: view.previousKey, endsAt: view.previousEndsAt },
        isExplained: view.because.length > 10,
      },
      reference: {
        state: model.state,
        since: model.since,
        mode: model.mode,
        opening: model.opening,
        intent: point === null ? null : { opening: point.number, placement: point.placement, channel: point.channel },
        keys: point === null ? null : [model.key, model.previous?.number ?? null],
        isOnAir: point !== null && point.openedAt !== null,
        clients: model.clients,
        due: model.due?.at ?? null,
        problem: model.problem,
        failures: model.failures,
        key: model.key,
        previous: model.previous === null ? null : { ...model.previous },
        isExplained: true,
      },
    };
  }

  play(command: Command): string {
    const at = this.#clock.now();
    const actor = this.#actor;
    const model = this.#model;
    switch (command.type) {
      case 'wait': {
        const from = command.until === 'now' ? at : (model.nextDeadline ?? at);
        // Where nothing is due for weeks, no timer can wait for it at once.
        this.#clock.advanceTo(Math.max(at, Math.min(from, at + 3_000_000_000) + command.plus));
        model.advance(this.now());
        return `wait until ${this.now() / 1000} s`;
      }
      case 'surroundings':
        actor.send({ type: 'surroundings.changed', wayOut: command.way, isRadioUplink: command.isUplink, at });
        model.surround(command.way, command.isUplink);
        return `${command.way ?? 'nothing'} is reachable, the radio is ${command.isUplink ? 'an' : 'no'} uplink`;
      case 'radio':
        actor.send({ type: 'radio.changed', radio: command.radio, at });
        model.see(command.radio);
        return `the radio is ${JSON.stringify(command.radio)}`;
      case 'opened': {
        const opening = model.opening - command.behind;
        actor.send({ type: 'hotspot.opened', opening, network, at });
        model.opened(opening);
        return `opening ${opening} is on air`;
      }
      case 'failed': {
        const opening = model.opening - command.behind;
        const problem = { code: 'hotspot.portTaken', message: 'the port is taken' } as const;
        actor.send({ type: 'hotspot.failed', opening, problem, at });
        model.failed(opening, problem.code);
        return `opening ${opening} fails`;
      }
      case 'closed': {
        const opening = model.opening - command.behind;
        actor.send({ type: 'hotspot.closed', opening, at });
        model.closed(opening);
        return `opening ${opening} is closed`;
      }
      case 'clients': {
        const opening = model.opening - command.behind;
        actor.send({ type: 'hotspot.clients', opening, clients: command.clients, at });
        model.joined(opening, command.clients);
        return `opening ${opening} has ${command.clients} clients`;
      }
      case 'mode':
        actor.send({ type: 'command.hotspot', mode: command.mode, at });
        model.command(command.mode);
        return `hotspot ${command.mode}`;
      case 'rotate':
        actor.send({ type: 'command.rotateKey', at });
        model.rotateNow();
        return 'rotate the key';
      case 'slept':
        actor.send({ type: 'node.resumed', slept: milliseconds(command.slept), at });
        model.sleep(command.slept);
        return `${command.slept / 1000} s of sleep`;
      case 'remembered':
        actor.send({ type: 'hotspot.remembered', key: command.key, age: milliseconds(command.age), at });
        model.remember(command.key, command.age);
        return `key ${command.key} is ${command.age / 1000} s old`;
      default:
        return command satisfies never;
    }
  }
}

const one = (arbitrary: fc.Arbitrary<Command>): fc.Arbitrary<readonly Command[]> => arbitrary.map((it) => [it]);
const behind = fc.constantFrom(0, 0, 0, 0, 0, 0, 1);
const way = fc.constantFrom(null, null, 'eth0', 'wwan0');
const untilDeadline = (plus: number): Command => ({ type: 'wait', until: 'deadline', plus });
const waits: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('wait' as const),
    until: fc.constant('now' as const),
    plus: fc.oneof(
      fc.constantFrom(0, 1, 1000, 5000, 29_999, 30_000, 60_000, 600_000),
      fc.integer({ min: 1, max: 90_000 }),
    ),
  }),
  fc.constantFrom(-1, 0, 0, 1).map(untilDeadline),
);

/** It opens, in the way that it does most often, with all that has to come before. */
const opens: fc.Arbitrary<readonly Command[]> = fc
  .record({
    radio: fc.constantFrom(...radios.slice(1, 6)),
    isUplink: fc.boolean(),
    mode: fc.constantFrom('auto', 'on'),
  })
  .map(({ radio, isUplink, mode }): readonly Command[] => [
    { type: 'surroundings', way: null, isUplink },
    { type: 'radio', radio },
    { type: 'mode', mode: mode === 'on' ? 'on' : 'auto' },
    untilDeadline(0),
    { type: 'opened', behind: 0 },
  ]);

/** Its radio is about to look for its network, and something happens meanwhile. */
const yields: fc.Arbitrary<readonly Command[]> = fc
  .record({ way, mode: fc.constantFrom<HotspotMode>('auto', 'on', 'off'), isSaid: fc.boolean() })
  .map(({ way: found, mode, isSaid }) => {
    const before: readonly Command[] = [
      { type: 'surroundings', way: null, isUplink: true },
      { type: 'radio', radio: { ...base, ...able } },
      { type: 'mode', mode: 'auto' },
      untilDeadline(0),
      { type: 'opened', behind: 0 },
      untilDeadline(0),
      { type: 'surroundings', way: found, isUplink: true },
    ];
    const said: readonly Command[] = isSaid ? [{ type: 'mode', mode }] : [];
    return before.concat(said, [{ type: 'closed', behind: 0 }, untilDeadline(0)]);
  });

const commands: fc.Arbitrary<readonly Command[]> = fc.oneof(
  { weight: 12, arbitrary: one(waits) },
  { weight: 4, arbitrary: opens },
  { weight: 2, arbitrary: yields },
  {
    weight: 5,
    arbitrary: one(fc.record({ type: fc.constant('surroundings' as const), way, isUplink: fc.boolean() })),
  },
  { weight: 3, arbitrary: one(fc.record({ type: fc.constant('radio' as const), radio: fc.constantFrom(...radios) })) },
  { weight: 5, arbitrary: one(fc.record({ type: fc.constant('opened' as const), behind })) },
  { weight: 5, arbitrary: one(fc.record({ type: fc.constant('closed' as const), behind })) },
  { weight: 3, arbitrary: one(fc.record({ type: fc.constant('failed' as const), behind })) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 8 })
      .map((count) =>
        Array.from({ length: count }, (): readonly Command[] => [
          { type: 'failed', behind: 0 },
          untilDeadline(0),
        ]).flat(),
      ),
  },
  {
    weight: 3,
    arbitrary: one(fc.record({ type: fc.constant('clients' as const), behind, clients: fc.constantFrom(0, 0, 1, 2) })),
  },
  {
    weight: 3,
    arbitrary: one(
      fc.record({
        type: fc.constant('mode' as const),
        mode: fc.constantFrom<HotspotMode>('auto', 'auto', 'on', 'off'),
      }),
    ),
  },
  { weight: 1, arbitrary: one(fc.constant({ type: 'rotate' })) },
  {
    weight: 1,
    arbitrary: one(
      fc.record({ type: fc.constant('slept' as const), slept: fc.constantFrom(1000, 60_000, 3_600_000, 90_000_000) }),
    ),
  },
  {
    weight: 1,
    arbitrary: one(
      fc.record({
        type: fc.constant('remembered' as const),
        key: fc.integer({ min: 1, max: 4 }),
        age: fc.constantFrom(-5000, 0, 60_000, 599_999, 600_000, 86_400_000, 90_000_000),
      }),
    ),
  },
);

const start = (name: string, config: HotspotConfig): Subject<Command> => ({
  name,
  requirements: 'AP-1, SECU-2',
  commands,
  start: () => new HotspotRun(config),
});

const { hotspot } = defaultConfig;
const configured = { ...hotspot, enabled: true, country: 'DE' };

export const hotspotSubject = start('hotspot', configured);
/** With figures of its own, so that no two limits are the same number, and keys that last longer than a timer. */
export const rotatingHotspotSubject = start('hotspot whose key is changed', {
  ...configured,
  startAfter: seconds(7),
  stopAfter: seconds(11),
  searchInterval: seconds(90),
  searchFor: seconds(13),
  security: {
    ...hotspot.security,
    pskRotation: { enabled: true, interval: minutes(17), overlap: minutes(3) },
  },
});
export const lastingHotspotSubject = start('hotspot whose key is changed after a month', {
  ...configured,
  country: null,
  security: { ...hotspot.security, pskRotation: { enabled: true, interval: hours(24 * 40), overlap: hours(24) } },
});
