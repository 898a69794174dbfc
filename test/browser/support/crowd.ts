import type { ActorView, TraceItem } from '../../../src/model/trace.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';

const lifecycles = ['probing', 'up', 'degraded', 'down'] as const;
const inner = { probing: 'rising', up: 'declining', degraded: 'failing', down: 'reviving' } as const;
const delays = {
  probing: 'probingToUp',
  up: 'upToDegraded',
  degraded: 'degradedToDown',
  down: 'downToProbing',
} as const;

/** Many interfaces of which one or another always changes, and what is told of them. */
export class Crowd {
  #steps = 0;
  readonly #actors: ActorView[];

  constructor(count: number) {
    const node: ActorView = {
      id: 'node',
      machine: 'node',
      label: 'node',
      states: ['node', 'node.running'],
      timers: [],
      facts: [{ name: 'uplinks', value: String(count - 1) }],
    };
    this.#actors = [node, ...Array.from({ length: count - 1 }, (_, index) => interfaceView(index + 1, index))];
  }

  get actors(): readonly ActorView[] {
    return this.#actors;
  }

  /** What the page shall say of each, in its order. */
  paths(): string[] {
    const text = ({ states, machine }: ActorView): string =>
      machine === 'node' ? 'running' : `${states[2]?.split('.').at(-1)} · ${states[3]?.split('.').at(-1)} · calm`;
    const [node, ...others] = this.#actors.map(text);
    return [...others, node ?? ''];
  }

  /** One event that enters, and all that comes of it: five items. */
  event(): TraceItem[] {
    const turn = ++this.#steps;
    const index = 1 + ((turn * 7) % (this.#actors.length - 1));
    const view = interfaceView(index, turn);
    this.#actors[index] = view;
    const [node] = this.#actors as [ActorView];
    const moved = `interface.lifecycle.${lifecycles[turn % 4]}|verdict.healthy|0`;
    return [
      step(turn * 5, node, 'probe.finished', []),
      step(turn * 5 + 1, view, 'probe.finished', ['interface|probe.finished|0', moved]),
      step(turn * 5 + 2, node, 'interface.updated', ['node|interface.updated|0']),
      step(turn * 5 + 3, node, 'selection.changed', ['node|selection.changed|0']),
      turn % 20 === 0 ? switchOf(view.label) : step(turn * 5 + 4, node, 'target.blamed', []),
    ];
  }
}

function interfaceView(index: number, turn: number): ActorView {
  const lifecycle = lifecycles[turn % 4] ?? 'up';
  const state = `interface.lifecycle.${lifecycle}`;
  const waiting = `${state}.${inner[lifecycle]}`;
  const startedAt = instant(performance.now());
  return {
    id: `interface.${index}`,
    machine: 'interface',
    label: `wwan${index}`,
    states: ['interface', 'interface.lifecycle', state, waiting, 'interface.damping', 'interface.damping.calm'],
    timers: [{ delay: delays[lifecycle], state: waiting, startedAt, duration: milliseconds(20_000) }],
    facts: ['type', 'candidate', 'IPv4', 'IPv6', 'pending'].map((name) => ({ name, value: `${name} ${turn}` })),
  };
}

const step = (number: number, actor: ActorView, event: string, transitions: readonly string[]): TraceItem => ({
  type: 'step',
  step: {
    number,
    at: instant(performance.now()),
    actor: actor.id,
    event,
    detail: `${actor.label}, IPv4, 2 of 2 answered, 14 ms`,
    from: 'node',
    transitions,
    guards: [],
  },
  actor,
});

const switchOf = (to: string): TraceItem => ({
  type: 'told',
  emission: {
    type: 'switch',
    at: instant(performance.now()),
    switch: { family: 'ipv4', from: 'eth0', to, rule: 'score', because: `${to} scores 1050, eth0 scores 900` },
  },
});
