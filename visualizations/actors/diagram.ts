/** All actors and what they send each other, as boxes and arrows. */
import type { NodeEmission, NodeEvent } from '../../src/model/events.ts';
import { machineNames, type MachineName } from '../../src/model/trace.ts';
import type { Tone } from '../words.ts';
import type { Heard } from './messages.ts';

export interface ActorBox {
  readonly id: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly tone: Tone;
  /** There are several of it. */
  readonly isMany: boolean;
  /** The group it stands in; null for what is outside. */
  readonly group: string | null;
}

export interface ActorArrow {
  readonly from: string;
  readonly to: string;
  /** Names of messages; words where what is handed over is no event. */
  readonly messages: readonly string[];
  readonly areEvents: boolean;
}

export interface Diagram {
  readonly groups: readonly { readonly id: string; readonly title: string }[];
  readonly boxes: readonly ActorBox[];
  readonly arrows: readonly ActorArrow[];
}

type Origin = 'interfaces' | 'signals' | 'probing' | 'effects' | 'people';

/** Who brings what enters the machines. */
const origins: Readonly<Record<NodeEvent['type'], Origin>> = {
  'network.observed': 'interfaces',
  'interface.found': 'interfaces',
  'interface.changed': 'interfaces',
  'interface.lost': 'interfaces',
  'uplink.remembered': 'interfaces',
  'node.resumed': 'signals',
  'uplink.suspected': 'signals',
  'probe.finished': 'probing',
  'probe.answeredLate': 'probing',
  'target.blamed': 'probing',
  'target.cleared': 'probing',
  'operation.failed': 'effects',
  'operation.recovered': 'effects',
  'command.pin': 'people',
  'command.unpin': 'people',
  'command.hotspot': 'people',
  'command.rotateKey': 'people',
  'radio.changed': 'interfaces',
  'power.changed': 'interfaces',
  'hotspot.opened': 'effects',
  'hotspot.failed': 'effects',
  'hotspot.closed': 'effects',
  'hotspot.clients': 'effects',
  'hotspot.remembered': 'effects',
  'lease.remembered': 'effects',
  'lease.bound': 'effects',
  'lease.lost': 'effects',
  'lease.failed': 'effects',
  'budget.changed': 'signals',
};

const told: Readonly<Record<NodeEmission['type'], true>> = {
  switch: true,
  state: true,
  hotspot: true,
  tether: true,
  budget: true,
  problem: true,
  'problem.solved': true,
};

export const actorNotes: Readonly<Record<string, readonly [note: string, isMany: boolean]>> = {
  node: ['the root: one', false],
  interface: ['one for each uplink', true],
  selection: ['one for each family', true],
  departure: ['one for each uplink that was left', true],
  hotspot: ['one, where it is configured', false],
  lease: ['one for each lease to be held', true],
  tether: ['one for each phone', true],
};

export function diagramOf({ messages }: Heard): Diagram {
  const box = (
    id: string,
    title: string,
    notes: readonly string[],
    group: string | null = null,
    tone: Tone = 'plain',
    isMany = false,
  ): ActorBox => ({ id, title, notes, group, tone, isMany });
  const words = (from: string, to: string, ...said: readonly string[]): ActorArrow => ({
    from,
    to,
    messages: said,
    areEvents: false,
  });
  const events = (from: string, to: string, types: readonly string[]): ActorArrow => ({
    from,
    to,
    messages: types,
    areEvents: true,
  });
  const broughtBy = (origin: Origin): ActorArrow =>
    events(
      origin,
      'node',
      Object.entries(origins).flatMap(([type, by]) => (by === origin ? [type] : [])),
    );
  const between = (from: MachineName, to: MachineName): ActorArrow =>
    events(
      from,
      to,
      messages.flatMap((message) => (message.from === from && message.to === to ? [message.type] : [])),
    );
  const children = machineNames.filter((name) => name !== 'node');
  return {
    groups: [
      { id: 'streams', title: 'streams' },
      { id: 'machines', title: 'machines' },
      { id: 'carrying-out', title: 'effects' },
    ],
    boxes: [
      box('people', 'people', ['by command and library']),
      box('kernel', 'kernel', ['links, addresses, routes']),
      box('targets', 'probe targets', ['answer, or do not']),
      box('interfaces', 'interfaces', ['what each looks like now'], 'streams', 'trial'),
      box('signals', 'signals', ['early signs of trouble'], 'streams', 'trial'),
      box('probing', 'probes', ['rounds, late answers, blame'], 'streams', 'trial'),
      ...machineNames.map((name) => {
        const [note, isMany] = actorNotes[name] ?? ['', true];
        return box(name, name, [note], 'machines', 'good', isMany);
      }),
      box('effects', 'reconciler', ['desired − observed = plan'], 'carrying-out', 'trouble'),
      box('kernel-told', 'kernel', ['told what to change']),
      box('listeners', 'log, API, library', ['told what has happened']),
    ],
    arrows: [
      words('kernel', 'interfaces', 'dumps and changes'),
      words('kernel', 'signals', 'changes, counters'),
      words('targets', 'probing', 'answers'),
      broughtBy('interfaces'),
      broughtBy('signals'),
      broughtBy('probing'),
      broughtBy('people'),
      ...children.flatMap((name) => [between('node', name), between(name, 'node')]),
      broughtBy('effects'),
      words('node', 'probing', 'intent: probes'),
      words('node', 'effects', 'intent: network, leases', 'intent: flows to end', 'intent: access point'),
      words('effects', 'kernel-told', 'routes, rules, settings'),
      events('node', 'listeners', Object.keys(told)),
    ].filter((arrow) => arrow.messages.length > 0),
  };
}
