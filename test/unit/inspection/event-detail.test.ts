import { describe, expect, test } from 'vitest';

import { detailOf } from '../../../src/inspection/event-detail.ts';
import type { InterfaceFact } from '../../../src/machines/interface/interface.context.ts';
import type { NodeMachineEvent } from '../../../src/machines/node/node.context.ts';
import type { SelectionFact } from '../../../src/machines/selection/selection.context.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';
import { answered, contender, facts, lost, round, targets } from '../machines/examples.ts';
import { threeUplinks } from '../machines/node-bench.ts';

const at = instant(0);
const nameOf = (index: number): string => `eth${index}`;
const eth0 = { index: 0, family: 'ipv4', path: 'p' } as const;
const problem = { code: 'kernel.refused', message: 'no' } as const;
const view = () => {
  const known = threeUplinks().context.views.get(2);
  if (known === undefined) throw new Error('no view');
  return known;
};

type Example = readonly [text: string, event: NodeMachineEvent | InterfaceFact | SelectionFact];

const examples: readonly Example[] = [
  ['eth0, carrier, 10.0.2.5/24, via 10.0.2.1', { type: 'interface.found', at, facts: facts() }],
  [
    'eth0, no carrier, 10.0.2.5/24',
    { type: 'interface.changed', at, facts: facts({ hasCarrier: false, defaultRoutes: [] }) },
  ],
  [
    'eth0, down, no address',
    {
      type: 'interface.changed',
      at,
      facts: facts({ isUp: false, defaultRoutes: [], addresses: { ipv4: [], ipv6: [] } }),
    },
  ],
  ['eth3', { type: 'interface.lost', at, index: 3 }],
  ['IPv4 by eth3, IPv6 by none', { type: 'network.observed', at, incumbents: { ipv4: 3, ipv6: null } }],
  [
    'eth0, IPv4, 1 of 2 answered, 9.6 ms, in a burst',
    {
      type: 'probe.finished',
      at,
      ...eth0,
      round: round(1, [answered(targets[0], 9.62), lost(targets[1])], 'burst'),
    },
  ],
  [
    'eth0, IPv4, 0 of 1 answered, as a cross-check',
    { type: 'probe.finished', at, ...eth0, round: round(1, [lost()], 'crossCheck') },
  ],
  [
    `eth0, IPv4, ${targets[0]} after 1200 ms`,
    { type: 'probe.answeredLate', at, ...eth0, round: 1, sample: answered(targets[0], 1200) },
  ],
  [
    'IPv4, tcp://1.1.1.1:53, everywhere',
    { type: 'target.blamed', at, family: 'ipv4', target: targets[0], index: null },
  ],
  ['IPv4, tcp://1.1.1.1:53, by eth3', { type: 'target.cleared', at, family: 'ipv4', target: targets[0], index: 3 }],
  [
    'eth3, IPv6, its gateway does not answer',
    { type: 'uplink.suspected', at, index: 3, family: 'ipv6', signal: 'neighbourFailed' },
  ],
  [
    'eth2, it was up, IPv4 healthy, penalty 2500, held back',
    {
      type: 'uplink.remembered',
      at,
      index: 2,
      memory: {
        lifecycle: { state: 'up', since: at },
        damping: { merit: 2500.7, at, isSuppressed: true },
        measured: { ipv4: { source: '10.0.2.5', gateway: null, verdict: 'healthy', rounds: [] }, ipv6: null },
      },
    },
  ],
  [
    'eth3, penalty 20',
    {
      type: 'uplink.remembered',
      at,
      index: 3,
      memory: {
        lifecycle: null,
        damping: { merit: 20, at, isSuppressed: false },
        measured: { ipv4: null, ipv6: null },
      },
    },
  ],
  ['after 90 s', { type: 'node.resumed', at, slept: milliseconds(90_000) }],
  ['route main, kernel.refused', { type: 'operation.failed', at, object: 'route main', problem }],
  ['route main', { type: 'operation.recovered', at, object: 'route main' }],
  ['wlan0', { type: 'command.pin', at, name: 'wlan0' }],
  ['', { type: 'command.unpin', at }],
  ['eth0 is probing, IPv4 unknown, IPv6 no way out', { type: 'interface.updated', at, index: 2, view: view() }],
  [
    'IPv4 by eth0, by the rule "score"',
    {
      type: 'selection.changed',
      at,
      family: 'ipv4',
      active: { index: 2, name: 'eth0', rule: 'score', because: 'better', since: at },
      ranking: [],
    },
  ],
  ['IPv6 by none', { type: 'selection.changed', at, family: 'ipv6', active: null, ranking: [] }],
  ['interface 2', { type: 'actor.restartDue', actorId: 'interface 2' }],
  ['too hot', { type: 'xstate.error.actor.interface 2', actorId: 'interface 2', error: new Error('too hot') }],
  ['IPv4, tcp://1.1.1.1:53', { type: 'targets.blamed', at, family: 'ipv4', targets: [targets[0]] }],
  ['IPv4, none', { type: 'targets.blamed', at, family: 'ipv4', targets: [] }],
  ['10.0.0.5 by eth1', { type: 'addresses.claimed', at, claims: [{ address: '10.0.0.5', by: 'eth1' }] }],
  ['none', { type: 'addresses.claimed', at, claims: [] }],
  ['eth0, up, healthy, score 1000', { type: 'contender.changed', at, contender: contender() }],
  ['eth0, no way out', { type: 'contender.changed', at, contender: contender({ isUsable: false }) }],
  ['eth3', { type: 'contender.lost', at, index: 3 }],
  ['wlan0', { type: 'pin.changed', at, pinned: 'wlan0' }],
  ['none', { type: 'pin.changed', at, pinned: null }],
];

describe('in a few words', () => {
  test.each(examples)('"%s"', (text, event) => {
    expect(detailOf(event, nameOf)).toBe(text);
  });

  test('a delay that is over, and whatever else is none of ours, says nothing', () => {
    expect(detailOf({ type: 'xstate.after.probingToUp.interface.lifecycle.probing.rising' }, nameOf)).toBe('');
    expect(detailOf({ type: 'toString' }, nameOf)).toBe('');
  });
});
