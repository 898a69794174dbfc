import { createActor } from 'xstate';
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import { interfaceMachine } from '../../../src/machines/interface/interface.machine.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { perFamily, type Family } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Round } from '../../../src/model/probe.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { facts, round } from '../../unit/machines/examples.ts';
import { addresses, routes } from './facts.commands.ts';
import { interfaceCommands, type InterfaceCommand, type MemoryCommand } from './interface.commands.ts';
import { InterfaceModel } from './interface.model.ts';
import { probeFates, sampleOf, targetsOf, type RoundCommand } from './probe.commands.ts';
import type { Run, Seen, Subject } from './subject.ts';
import type { Wait } from './time.commands.ts';

const { window } = defaultConfig.probe;

class InterfaceRun implements Run<InterfaceCommand> {
  readonly #clock = new DiscreteClock();
  readonly #config = defaultConfig;
  #facts: InterfaceFacts = facts({ addresses: { ipv4: addresses.ipv4.one, ipv6: [] } });
  #ids = 0;
  readonly #rounds = perFamily((): { readonly path: string; readonly round: Round }[] => []);
  readonly #actor;
  readonly #model;

  constructor() {
    const classification = classify(this.#facts, this.#config);
    const input = {
      config: this.#config,
      facts: this.#facts,
      classification,
      claims: [],
      blamed: perFamily(() => []),
      birth: 1,
      at: this.#clock.now(),
    };
    this.#actor = createActor(interfaceMachine, { input, clock: this.#clock }).start();
    this.#model = new InterfaceModel(this.#facts, 'ethernet', [], this.#config, this.#clock.now());
  }

  now(): number {
    return this.#clock.now();
  }

  end(): void {
    this.#actor.stop();
    if (this.#clock.pending > 0) throw new Error(`${this.#clock.pending} timers are left`);
  }

  play(command: InterfaceCommand): string {
    const at = this.#clock.now();
    switch (command.type) {
      case 'wait':
        return this.#wait(command);
      case 'round':
        return this.#probe(command);
      case 'late': {
        const told = this.#rounds[command.family].at(-1 - command.back);
        const target = targetsOf(command.family)[command.target] ?? '';
        const sample = sampleOf(target, probeFates[command.fate] ?? 'lost');
        // The streams tell answers alone.
        if (told === undefined || (sample.rtt === null && !sample.retransmitted)) return 'nothing';
        const {
          path,
          round: { id },
        } = told;
        this.#actor.send({ type: 'probe.answeredLate', index: 2, family: command.family, path, round: id, sample, at });
        if (path === this.#path(command.family)) this.#model.answerLate(command.family, id, sample, at);
        return `${command.family}: ${target} answers round ${id} late (${JSON.stringify(sample)})`;
      }
      case 'carrier':
        return this.#change({ hasCarrier: command.has }, command.has ? 'carrier is there' : 'carrier is lost');
      case 'admin':
        return this.#change({ isUp: command.isUp, hasCarrier: command.isUp }, command.isUp ? 'set up' : 'set down');
      case 'addresses': {
        const chosen = addresses[command.family][command.choice];
        const all = { ...this.#facts.addresses, [command.family]: chosen };
        return this.#change(
          { addresses: all },
          `${command.family}: addresses ${JSON.stringify(chosen.map((a) => a.address))}`,
        );
      }
      case 'routes': {
        const others = this.#facts.defaultRoutes.filter((route) => route.family !== command.family);
        const chosen = routes[command.family][command.choice] ?? [];
        const text = chosen.map(({ gateway, protocol }) => `${gateway} (${protocol})`).join(', ');
        return this.#change(
          { defaultRoutes: [...others, ...chosen] },
          `${command.family}: default routes by ${text || 'nobody'}`,
        );
      }
      case 'blame': {
        const targets = command.targets.map((target) => targetsOf(command.family)[target] ?? '');
        this.#actor.send({ type: 'targets.blamed', family: command.family, targets, at });
        this.#model.blame(command.family, targets, at);
        return `${command.family}: blamed are ${targets.join(', ') || 'none'}`;
      }
      case 'claims': {
        const claims = command.addresses.map((address) => ({ address, by: 'eth9' }));
        this.#actor.send({ type: 'addresses.claimed', claims, at });
        this.#model.claim(command.addresses, at);
        return `eth9 has ${command.addresses.join(', ') || 'none of its addresses'}`;
      }
      case 'memory':
        return this.#recall(command);
      case 'sleep': {
        this.#actor.send({ type: 'node.resumed', slept: milliseconds(command.duration), at });
        this.#model.sleep(command.duration, at);
        return `the machine slept for ${command.duration / 1000} s`;
      }
      default:
        return command satisfies never;
    }
  }

  look(): { machine: Seen; reference: Seen } {
    const { context } = this.#actor.getSnapshot();
    const { lifecycle, damping, health } = this.#model;
    const now = this.#clock.now();
    const view = context.view;
    return {
      machine: {
        state: context.lifecycle,
        since: context.since,
        pending: context.pending === null ? null : { to: context.pending.to, dueAt: context.pending.dueAt },
        isSuppressed: context.isSuppressed,
        penalty: context.damping.merit * 2 ** (-(now - context.damping.at) / 60_000),
        isCandidate: context.candidacy.isCandidate,
        families: perFamily((each) => {
          const { figures, ...its } = context.health[each];
          const path = context.candidacy.paths[each];
          const contender = view?.contenders[each];
          return {
            path: path === null ? null : { source: path.addresses[0]?.address, gateway: path.gateway },
            verdict: its.verdict,
            isCaptive: its.isCaptive,
            rounds: its.finishedRounds,
            failures: Math.min(its.consecutiveFailures, window),
            lost: its.lostSamples,
            average: figures.avgRttMs,
            least: figures.minRttMs,
            most: figures.maxRttMs,
            lossPercent: figures.packetLossPercent,
            successRate: figures.successRate,
            total: its.lifetime.totalProbes,
            successful: its.lifetime.successfulProbes,
            lastSuccess: its.lifetime.lastSuccess,
            lastFailure: its.lifetime.lastFailure,
            contender: contender === undefined ? null : { ...contender },
          };
        }),
      },
      reference: {
        state: lifecycle.state,
        since: lifecycle.since,
        pending: lifecycle.pending === null ? null : { to: lifecycle.pending.row.to, dueAt: lifecycle.pending.dueAt },
        isSuppressed: damping.isSuppressed,
        penalty: damping.penaltyAt(now),
        isCandidate: this.#model.isCandidate,
        families: perFamily((each) => {
          const its = health[each];
          return {
            path: this.#model.paths[each],
            verdict: its.verdict,
            isCaptive: its.isCaptive,
            rounds: its.finishedRounds,
            failures: Math.min(its.consecutiveFailures, window),
            lost: its.lostSamples,
            average: its.averageRtt,
            least: its.roundTripTimes.length === 0 ? null : Math.min(...its.roundTripTimes),
            most: its.roundTripTimes.length === 0 ? null : Math.max(...its.roundTripTimes),
            lossPercent: its.lossPercent,
            successRate: its.successRate,
            total: its.lifetime.total,
            successful: its.lifetime.successful,
            lastSuccess: its.lifetime.lastSuccess,
            lastFailure: its.lifetime.lastFailure,
            contender: {
              index: 2,
              name: 'eth0',
              isUsable: this.#model.paths[each] !== null,
              // No traffic is moved by what an earlier run measured.
              verdict: its.finishedRounds === 0 ? 'unknown' : its.verdict,
              isEmergencyOnly: false,
              lifecycle: lifecycle.state,
              isSuppressed: damping.isSuppressed,
              score: this.#model.score(each).total,
              scoreLessOneLoss: this.#model.scoreLessOneLoss(each),
              bias: 100,
              rounds: its.finishedRounds,
              lostSamples: its.lostSamples,
            },
          };
        }),
      },
    };
  }

  #path(each: Family): string | null {
    return this.#actor.getSnapshot().context.pathIds[each];
  }

  #recall(command: MemoryCommand): string {
    const at = this.#clock.now();
    const { family, state, isSamePath, penalty, isSuppressed } = command;
    const path = this.#model.paths[family];
    const [since, flappedAt] = [instant(at - command.since), instant(at - command.flappedAgo)];
    const rounds = command.rounds.map((fates) =>
      targetsOf(family).map((target, i) => sampleOf(target, fates[i] ?? 20)),
    );
    const measured = {
      source: path?.source ?? '10.0.2.5',
      gateway: isSamePath ? (path?.gateway ?? null) : '10.0.2.77',
      verdict: 'unknown',
      rounds: rounds.map((samples, i) => round(i, samples)),
    } as const;
    this.#actor.send({
      type: 'uplink.remembered',
      index: 2,
      memory: {
        lifecycle: state === null ? null : { state, since },
        damping: { merit: penalty, at: flappedAt, isSuppressed },
        measured: { ipv4: null, ipv6: null, [family]: measured },
      },
      at,
    });
    this.#model.recall({ family, state, isSamePath, penalty, isSuppressed, rounds, since, flappedAt }, at);
    return `remembered: ${JSON.stringify(command)}`;
  }

  #wait(wait: Wait): string {
    const { pending } = this.#model.lifecycle;
    const now = this.#clock.now();
    const reused = this.#model.damping.reusedAt;
    const deadlines: Partial<Record<Wait['until'], number | null>> = {
      pending: pending?.dueAt ?? null,
      reuse: reused === null ? null : Math.ceil(reused),
    };
    const end = (deadlines[wait.until] ?? now) + wait.plus;
    this.#clock.advanceTo(Math.max(now, end));
    this.#model.advance(this.#clock.now());
    return `wait until ${this.#clock.now() / 1000} s`;
  }

  #change(overrides: Partial<InterfaceFacts>, story: string): string {
    this.#facts = { ...this.#facts, ...overrides };
    const at = this.#clock.now();
    this.#actor.send({ type: 'interface.changed', facts: this.#facts, at });
    this.#model.change(this.#facts, at);
    return story;
  }

  #probe({ family: each, cause, fates, ahead, isStale }: RoundCommand): string {
    const at = this.#clock.now();
    const current = this.#path(each);
    const path = isStale ? (this.#rounds[each][0]?.path ?? 'none') : current;
    if (path === null) return `${each}: nothing to probe`;
    // Rounds of a burst finish out of turn.
    this.#ids += 4;
    const samples = targetsOf(each).flatMap((target, i) => {
      const fate = fates[i] ?? null;
      return fate === null ? [] : [sampleOf(target, fate)];
    });
    if (samples.length === 0) return 'nothing';
    const given = round(this.#ids - ahead, samples, cause);
    this.#rounds[each].push({ path, round: given });
    this.#actor.send({ type: 'probe.finished', index: 2, family: each, path, round: given, at });
    if (path === current) this.#model.finish(each, given, at);
    return `${each}: round ${given.id}${cause === 'interval' ? '' : ` (${cause})`}${isStale ? ' of an old path' : ''}: ${fates.join(', ')}`;
  }
}

export const interfaceSubject: Subject<InterfaceCommand> = {
  name: 'interface',
  requirements: 'ROUT-8, LIFE-1, LIFE-2, HLTH-1, HLTH-4, HLTH-5, HLTH-7, SEL-2, SCOR-1, DISC-5, DISC-6',
  commands: interfaceCommands,
  start: () => new InterfaceRun(),
};
