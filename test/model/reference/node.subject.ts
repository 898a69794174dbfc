import { defaultConfig, type Config } from '../../../src/model/config.ts';
import { perFamily, type Family } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Instant } from '../../../src/model/units.ts';
import { address, facts } from '../../unit/machines/examples.ts';
import { NodeBench } from '../../unit/machines/node-bench.ts';
import { intervalModel, policyModel } from './cost.model.ts';
import { nodeCommands, type NodeCommand, type Where } from './node.commands.ts';
import { NodeModel } from './node.model.ts';
import { sampleOf, targetsOf, type RoundCommand } from './probe.commands.ts';
import { complaintsAbout } from './ranking.model.ts';
import type { Run, Seen, Subject } from './subject.ts';

const names = ['eth0', 'wlan0', 'wwan0', 'usb0'] as const;
const nameOf = (index: number): string => names[index - 2] ?? `eth${index}`;
const config: Config = {
  ...defaultConfig,
  uplinks: [
    {
      match: { name: 'wwan0' },
      type: null,
      gateway: perFamily(() => null),
      dhcp: false,
      policy: { kind: 'emergencyOnly' },
    },
  ],
};

const route = (family: Family, gateway: string) => ({ family, gateway, table: 254, metric: 100, protocol: 16 });

function addressing(index: number, choice: string): Pick<InterfaceFacts, 'addresses' | 'defaultRoutes'> {
  const ipv6 = [address(`2001:db8:${index}::5`, 64)];
  const own = [route('ipv4', `10.0.${index}.1`)];
  switch (choice) {
    case 'none':
      return { addresses: { ipv4: [], ipv6: [] }, defaultRoutes: [] };
    case 'other':
      return { addresses: { ipv4: [address(`10.0.${index}.6`)], ipv6: [] }, defaultRoutes: own };
    case 'shared':
      return { addresses: { ipv4: [address('10.9.9.5')], ipv6: [] }, defaultRoutes: [route('ipv4', '10.9.9.1')] };
    case 'both families':
      return {
        addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6 },
        defaultRoutes: [...own, route('ipv6', `2001:db8:${index}::1`)],
      };
    default:
      return { addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [] }, defaultRoutes: own };
  }
}

const freshFacts = (index: number): InterfaceFacts =>
  facts({ index, name: nameOf(index), ...addressing(index, index < 4 ? 'both families' : 'own') });

class NodeRun implements Run<NodeCommand> {
  readonly #bench = new NodeBench(config);
  readonly #model = new NodeModel(config, ['wwan0']);
  readonly #facts = new Map<number, InterfaceFacts>();
  #before = perFamily((): readonly number[] => []);
  #complaints = perFamily((): readonly string[] => []);
  #ids = 0;

  constructor(incumbent: number | null) {
    for (const index of [2, 3, 4, 5]) this.#find(freshFacts(index));
    this.#bench.observe({ ipv4: incumbent });
    this.#model.observe({ ipv4: incumbent, ipv6: null }, this.now());
    this.#rank();
  }

  now(): Instant {
    return this.#bench.clock.now();
  }

  end(): void {
    for (const index of [2, 3, 4, 5]) this.#bench.lose(index);
    const { errors, clock } = this.#bench;
    if (errors.length > 0 || clock.pending > 0)
      throw new Error(`${errors.join(' ')}, ${clock.pending} timers are left`);
  }

  play(command: NodeCommand): string {
    // What is one step to one uplink may keep its place; of several steps only the last is seen here.
    if (command.type !== 'round') this.#before = perFamily(() => []);
    const story = this.#play(command);
    this.#rank();
    return story;
  }

  look(): { machine: Seen; reference: Seen } {
    const { status, context, switches } = this.#bench;
    const now = this.now();
    const machine = {
      interfaces: Object.fromEntries(
        status.interfaces.map(({ ifindex, name, state, verdict, holdDown, candidate, usable, scores, damping }) => [
          ifindex,
          {
            name,
            state,
            verdict,
            holdDown: holdDown === null ? null : { ...holdDown },
            candidate,
            usable,
            scores: perFamily((family) => ({ ...scores[family] })),
            isSuppressed: damping.suppressed,
            penalty: damping.merit,
          },
        ]),
      ),
      active: perFamily((family) => {
        const active = context.selected[family]?.active ?? null;
        return active === null ? null : { index: active.index, rule: active.rule, since: Math.ceil(active.since) };
      }),
      probes: perFamily((family) =>
        Object.fromEntries(
          context.intent.probes
            .filter((probe) => probe.family === family)
            .map(({ index, role, interval, isReachable }) => [index, { role, interval, isReachable }]),
        ),
      ),
      switches: perFamily((each) =>
        switches.filter(({ family }) => family === each).map(({ from, to, rule }) => ({ from, to, rule })),
      ),
      complaints: this.#complaints,
    };
    const { interfaces, selections } = this.#model;
    const reference = {
      interfaces: Object.fromEntries(
        [...interfaces].map(([index, one]) => [
          index,
          {
            name: one.facts.name,
            state: one.lifecycle.state,
            verdict: perFamily((family) => one.health[family].verdict),
            holdDown:
              one.lifecycle.pending === null
                ? null
                : { to: one.lifecycle.pending.row.to, remainingMs: Math.ceil(one.lifecycle.pending.dueAt - now) },
            candidate: one.isCandidate,
            usable: perFamily((family) => one.paths[family] !== null),
            scores: perFamily((family) => truncated(one.score(family))),
            isSuppressed: one.damping.isSuppressed,
            penalty: Math.trunc(one.damping.penaltyAt(now)),
          },
        ]),
      ),
      active: perFamily((family) => selections?.[family].active ?? null),
      probes: perFamily((family) => {
        const selection = selections?.[family];
        return Object.fromEntries(
          (selection?.usable ?? []).map((one) => {
            const isActive = selection?.active?.index === one.index;
            const policy = one.isEmergencyOnly
              ? 'emergencyOnly'
              : policyModel(interfaces.get(one.index)?.type ?? 'unknown');
            const role = isActive ? 'active' : 'standby';
            const isReachable = selection?.isReachable(one) ?? false;
            const ways = interfaces.get(one.index)?.paths;
            const terms = {
              families: Object.values(ways ?? {}).filter((path) => path !== null).length,
              onBattery: this.#model.onBattery,
            };
            return [one.index, { role, interval: intervalModel(policy, isActive, terms), isReachable }];
          }),
        );
      }),
      switches: perFamily((each) =>
        this.#model.switches.filter(({ family }) => family === each).map(({ from, to, rule }) => ({ from, to, rule })),
      ),
      complaints: perFamily(() => []),
    };
    return { machine, reference };
  }

  #rank(): void {
    const { selected } = this.#bench.context;
    this.#complaints = perFamily((family) => {
      const selection = this.#model.selections?.[family];
      return selection === undefined
        ? []
        : complaintsAbout(selected[family]?.ranking ?? [], this.#before[family], selection);
    });
    this.#before = perFamily((family) => selected[family]?.ranking.map(({ index }) => index) ?? []);
  }

  #play(command: NodeCommand): string {
    const bench = this.#bench;
    const now = this.now();
    switch (command.type) {
      case 'wait': {
        const from = command.until === 'now' ? now : (this.#model.nextDeadline() ?? now);
        bench.clock.advanceTo(Math.max(now, from + command.plus));
        this.#model.advance(this.now());
        return `wait until ${this.now() / 1000} s`;
      }
      case 'round':
        return this.#probe(command);
      case 'found':
        this.#find(freshFacts(command.index));
        return `${nameOf(command.index)} is found`;
      case 'lost':
        this.#facts.delete(command.index);
        bench.lose(command.index);
        this.#model.lose(command.index, now);
        return `${nameOf(command.index)} is lost`;
      case 'carrier':
        return this.#change(
          command.index,
          { hasCarrier: command.has },
          `carrier ${command.has ? 'is there' : 'is lost'}`,
        );
      case 'address':
        return this.#change(command.index, addressing(command.index, command.choice), `addresses: ${command.choice}`);
      case 'renamed':
        return this.#change(
          command.index,
          { name: `${command.name}${command.index + 5}` },
          `is ${command.name}${command.index + 5} now`,
        );
      case 'blame': {
        const target = targetsOf('ipv4')[command.target] ?? '';
        const blame = { family: 'ipv4', target, index: command.index } as const;
        bench.send({ type: command.isBlamed ? 'target.blamed' : 'target.cleared', ...blame });
        this.#model.blame(blame, command.isBlamed, now);
        return `${target} is ${command.isBlamed ? 'blamed' : 'cleared'} (${command.index ?? 'everywhere'})`;
      }
      case 'pin':
        bench.send(command.name === null ? { type: 'command.unpin' } : { type: 'command.pin', name: command.name });
        this.#model.pin(command.name, now);
        return `pin ${command.name ?? 'auto'}`;
      case 'budget':
        if (!this.#facts.has(command.index)) return 'nothing';
        bench.send({ type: 'budget.changed', index: command.index, level: command.level });
        this.#model.use(command.index, command.level, now);
        return `the budget of ${nameOf(command.index)} stands at ${command.level}`;
      case 'power':
        bench.send({ type: 'power.changed', onBattery: command.onBattery });
        this.#model.onBattery = command.onBattery;
        return `on battery: ${command.onBattery}`;
      default:
        return command satisfies never;
    }
  }

  #find(found: InterfaceFacts): void {
    this.#facts.set(found.index, found);
    this.#bench.find(found);
    this.#model.find(found, this.now());
  }

  #change(index: number, overrides: Partial<InterfaceFacts>, story: string): string {
    const before = this.#facts.get(index);
    if (before === undefined) return 'nothing';
    const changed = { ...before, ...overrides };
    this.#facts.set(index, changed);
    this.#bench.send({ type: 'interface.changed', facts: changed });
    this.#model.change(changed, this.now());
    return `${before.name}: ${story}`;
  }

  #probe({ index, family, cause, fates, ahead }: RoundCommand & Where): string {
    const path = this.#bench.context.ways.get(index)?.pathIds[family] ?? null;
    const samples = targetsOf(family).flatMap((target, i) => {
      const fate = fates[i] ?? null;
      return fate === null ? [] : [sampleOf(target, fate)];
    });
    if (path === null || samples.length === 0) return 'nothing';
    this.#ids += 4;
    const round = { id: this.#ids - ahead, startedAt: this.now(), cause, samples };
    this.#bench.send({ type: 'probe.finished', index, family, path, round });
    this.#model.about(index, this.now(), (one) => one.finish(family, round, this.now()));
    return `${nameOf(index)}, ${family}: round ${round.id}: ${fates.join(', ')}`;
  }
}

const truncated = (score: Readonly<Record<string, number>>): Seen =>
  Object.fromEntries(Object.entries(score).map(([name, value]) => [name, Math.trunc(value)]));

const start = (incumbent: number | null): Subject<NodeCommand> => ({
  name: incumbent === null ? 'node' : 'node that was restarted',
  requirements: 'LIFE, HLTH, SCOR, SEL, DISC-5, ROUT-8, TETH-5',
  commands: nodeCommands,
  start: () => new NodeRun(incumbent),
});

export const nodeSubject = start(null);
export const restartedNodeSubject = start(3);
