import * as fc from 'fast-check';
import { createActor } from 'xstate';
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import { leaseMachine } from '../../../src/machines/lease/lease.machine.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { LeaseLoss } from '../../../src/model/lease.ts';
import type { Verdict } from '../../../src/model/probe.ts';
import { milliseconds, type Instant } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { address, facts } from '../../unit/machines/examples.ts';
import { ethernetWithDhcp, lease, managedFacts, noAddresses } from '../../unit/machines/phone-bench.ts';
import { LeaseModel } from './lease.model.ts';
import type { Run, Seen, Subject } from './subject.ts';
import { waits, type Wait } from './time.commands.ts';

type Command =
  | Wait
  | { readonly type: 'carrier'; readonly has: boolean }
  | { readonly type: 'manager'; readonly who: 'route' | 'address' | 'nobody' }
  | { readonly type: 'bound'; readonly duration: number | null; readonly isRemembered: boolean }
  | { readonly type: 'lost'; readonly because: LeaseLoss }
  | { readonly type: 'failed' }
  | { readonly type: 'gateway' }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'sleep'; readonly duration: number };

const held = lease({ address: '10.0.2.5', gateway: '10.0.2.1' });
const others = {
  route: { addresses: managedFacts.addresses ?? facts().addresses, defaultRoutes: managedFacts.defaultRoutes ?? [] },
  address: { ...noAddresses, addresses: { ipv4: [address('10.7.7.7')], ipv6: [] } },
  nobody: noAddresses,
} as const;

class LeaseRun implements Run<Command> {
  readonly #clock = new DiscreteClock();
  readonly #model = new LeaseModel();
  readonly #actor;
  #facts: InterfaceFacts = facts(noAddresses);

  constructor() {
    const input = {
      config: ethernetWithDhcp,
      classification: classify(this.#facts, ethernetWithDhcp),
      facts: this.#facts,
      request: 0,
      lease: null,
      own: [],
      at: this.#clock.now(),
    };
    this.#actor = createActor(leaseMachine, { input, clock: this.#clock }).start();
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
    const { context } = this.#actor.getSnapshot();
    return {
      machine: { phase: view?.phase, request: context.request, isLeased: view?.lease !== null },
      reference: { ...this.#model.told },
    };
  }

  play(command: Command): string {
    const at = this.now();
    const model = this.#model;
    switch (command.type) {
      case 'wait': {
        const from = command.until === 'now' ? at : (model.nextDeadline ?? at);
        this.#clock.advanceTo(Math.max(at, Math.min(from, at + 1e7) + command.plus));
        model.advance(this.now());
        return `wait until ${this.now() / 1000} s`;
      }
      case 'carrier':
        this.#change({ hasCarrier: command.has });
        model.carrier(command.has);
        return `carrier ${command.has ? 'is there' : 'is lost'}`;
      case 'manager':
        this.#change(others[command.who]);
        model.manager(command.who === 'route', command.who !== 'nobody');
        return `on the interface: ${command.who}`;
      case 'bound': {
        const duration = command.duration === null ? null : milliseconds(command.duration);
        const type = command.isRemembered ? 'lease.remembered' : 'lease.bound';
        this.#actor.send({ type, index: 2, lease: { ...held, duration }, at });
        model.bound(command.duration, command.isRemembered);
        return `${type} for ${command.duration ?? 'ever'}`;
      }
      case 'lost':
        this.#actor.send({ type: 'lease.lost', index: 2, because: command.because, at });
        model.lost(command.because);
        return `lost: ${command.because}`;
      case 'failed': {
        const problem = { code: 'lease.none', message: 'nobody answers' } as const;
        this.#actor.send({ type: 'lease.failed', index: 2, problem, at });
        model.failed();
        return 'nobody answers';
      }
      case 'gateway':
        this.#actor.send({ type: 'uplink.suspected', index: 2, family: 'ipv4', signal: 'neighbourFailed', at });
        model.gatewayFailed();
        return 'the gateway does not answer';
      case 'verdict':
        this.#actor.send({ type: 'way.judged', verdict: command.verdict, at });
        model.judge(command.verdict);
        return `the way is ${command.verdict}`;
      case 'sleep':
        this.#actor.send({ type: 'node.resumed', slept: milliseconds(command.duration), at });
        model.sleep(command.duration);
        return `asleep for ${command.duration / 1000} s`;
      default:
        return command satisfies never;
    }
  }

  #change(overrides: Partial<InterfaceFacts>): void {
    this.#facts = { ...this.#facts, ...overrides };
    this.#actor.send({ type: 'interface.changed', facts: this.#facts, at: this.now() });
  }
}

const one = (arbitrary: fc.Arbitrary<Command>): fc.Arbitrary<readonly Command[]> => arbitrary.map((it) => [it]);
const durations = fc.constantFrom(20_000, 90_000, 600_000, 3_600_000, null);

export const leaseSubject: Subject<Command> = {
  name: 'lease',
  requirements: 'DISC-6, TETH-2',
  start: () => new LeaseRun(),
  commands: fc.oneof(
    { weight: 10, arbitrary: one(waits('pending')) },
    { weight: 3, arbitrary: one(fc.record({ type: fc.constant('carrier' as const), has: fc.boolean() })) },
    {
      weight: 2,
      arbitrary: one(
        fc.record({
          type: fc.constant('manager' as const),
          who: fc.constantFrom('route' as const, 'address' as const, 'nobody' as const, 'nobody' as const),
        }),
      ),
    },
    {
      weight: 4,
      arbitrary: one(
        fc.record({
          type: fc.constant('bound' as const),
          duration: durations,
          isRemembered: fc.constantFrom(false, false, false, true),
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: one(
        fc.record({
          type: fc.constant('lost' as const),
          because: fc.constantFrom<LeaseLoss>('expired', 'refused', 'clientEnded', 'clientEnded'),
        }),
      ),
    },
    { weight: 2, arbitrary: one(fc.constant({ type: 'failed' as const })) },
    { weight: 2, arbitrary: one(fc.constant({ type: 'gateway' as const })) },
    {
      weight: 3,
      arbitrary: one(
        fc.record({
          type: fc.constant('verdict' as const),
          verdict: fc.constantFrom<Verdict>('healthy', 'degraded', 'failed', 'failed', 'unknown'),
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: one(
        fc.record({ type: fc.constant('sleep' as const), duration: fc.constantFrom(1000, 60_000, 7_200_000) }),
      ),
    },
  ),
};
