import { describe, expect, test } from 'vitest';
import { explain, statusOf } from '../../../../src/machines/status/status.selectors.ts';
import type { RuleComparison } from '../../../../src/model/status.ts';
import { instant } from '../../../../src/model/units.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const rulesOf = (node: NodeBench, name: string | null): readonly RuleComparison[] => {
  const found = explain(node.actor.getSnapshot(), name);
  return 'uplinks' in found ? (found.uplinks[0]?.rules ?? []) : [];
};

/** eth0 has flapped: it is held back, wlan0 is active. */
function flapping(): NodeBench {
  const node = threeUplinks();
  node.settle([2, 3, 4], 30);
  for (let flap = 0; flap < 3; flap++) {
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
  }
  node.good(2);
  return node;
}

describe('SEL-2: an uplink that is held back for flapping', () => {
  test('is shown in the status with the time until its reuse', () => {
    const node = flapping();
    expect(node.interface('eth0')?.damping).toEqual({ merit: 3000, suppressed: true, reuseInMs: 120_001 });
    node.clock.advance(20_000);
    expect(node.interface('eth0')?.damping).toMatchObject({ suppressed: true, reuseInMs: 100_001 });
  });

  test('is explained with that time, on whichever side it stands', () => {
    const node = flapping();
    const held = 'is suppressed for flapping, for 121 s more';
    expect(rulesOf(node, 'eth0').find(({ rule }) => rule === 'lifecycle')).toMatchObject({
      left: held,
      right: 'is up',
    });
    expect(rulesOf(node, 'eth0').filter(({ left, right }) => `${left}${right}`.includes(' s more'))).toHaveLength(1);
    // Two half-lives after the penalty of 3000 it is 750, and below that a millisecond later.
    node.clock.advance(60_001);
    node.lose(4);
    expect(rulesOf(node, null).find(({ rule }) => rule === 'lifecycle')).toMatchObject({
      left: 'is up',
      right: 'is suppressed for flapping, for 60 s more',
    });
  });

  test('is shown without a time when it is not held back any more', () => {
    const node = flapping();
    node.clock.advance(120_002);
    expect(node.interface('eth0')?.damping).toMatchObject({ suppressed: false, reuseInMs: null });
    expect(
      rulesOf(node, 'eth0')
        .map(({ left }) => left)
        .join(),
    ).not.toContain('flapping');
  });
});

describe('SEL-2: an uplink that leads', () => {
  /** wlan0 is active since eth0 had no carrier for a moment, and both are up again. */
  function led(): NodeBench {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    node.settle([2, 3, 4], 10);
    return node;
  }

  test('is shown in the status, with the time and the rounds for which it still has to', () => {
    const node = led();
    node.good(2);
    const challenge = { iface: 'eth0', because: 'eth0 scores 1070, wlan0 scores 1050, but not for long enough yet' };
    expect(node.status.challenges).toEqual({ ipv4: { ...challenge, dueInMs: 10_000, roundsLeft: 2 }, ipv6: null });
    node.clock.advance(4000);
    node.good(2);
    expect(node.status.challenges.ipv4).toMatchObject({ dueInMs: 6000, roundsLeft: 1 });
    const later = statusOf(node.actor.getSnapshot(), instant(node.clock.now() + 0.7), String);
    expect(later.challenges.ipv4?.dueInMs).toBe(6000);
    node.clock.advance(7000);
    expect(node.status.challenges.ipv4).toMatchObject({ dueInMs: 0, roundsLeft: 1 });
    node.good(2);
    expect([node.activeName, node.status.challenges.ipv4]).toEqual(['eth0', null]);
  });

  test('is not shown before anything is chosen', () => {
    expect(new NodeBench().status.challenges).toEqual({ ipv4: null, ipv6: null });
  });
});
