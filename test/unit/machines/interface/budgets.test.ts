import { describe, expect, test } from 'vitest';
import { defaultConfig, defaultMeteredPolicy, noGateways, type Config } from '../../../../src/model/config.ts';
import type { MeteredPolicy, UplinkConfig, UplinkPolicy } from '../../../../src/model/config.ts';
import { megabytes } from '../../../../src/model/units.ts';
import type { BudgetLevel } from '../../../../src/model/usage.ts';
import { explain } from '../../../../src/machines/status/status.selectors.ts';
import { facts } from '../examples.ts';
import { NodeBench } from '../node-bench.ts';

const entry = (name: string, policy: UplinkPolicy): UplinkConfig => ({
  match: { name },
  type: null,
  gateway: noGateways,
  dhcp: false,
  policy,
});
const withPolicies = (policies: Readonly<Record<string, UplinkPolicy>>): Config => ({
  ...defaultConfig,
  uplinks: Object.entries(policies).map(([name, policy]) => entry(name, policy)),
});
const metered = (overrides: Partial<MeteredPolicy> = {}): MeteredPolicy => ({
  ...defaultMeteredPolicy,
  budget: megabytes(1000),
  ...overrides,
});

/** The rules that come after the first. */
const others = Array.from({ length: 8 }, () => ({}));

/** eth0 (2), which is metered and active, and wwan0 (4), which is not; both healthy. */
function metering(policy: MeteredPolicy) {
  const node = new NodeBench(withPolicies({ eth0: policy }));
  node.find(facts({ index: 2, name: 'eth0' }));
  node.find(facts({ index: 4, name: 'wwan0' }));
  node.observe();
  node.settle([2, 4], 30);
  expect(node.activeName).toBe('eth0');
  return {
    node,
    use: (level: BudgetLevel, isKnown?: true) =>
      node.send({ type: 'budget.changed', index: 2, level, ...(isKnown && { isKnown }) }),
    told: () => node.emissions.flatMap((emission) => (emission.type === 'budget' ? [emission.level] : [])),
    problems: () => node.status.problems.map(({ code }) => code),
  };
}

describe('TETH-5: a budget that is used up', () => {
  test('takes a blocked uplink out: it is no candidate, is not probed, and another is used at once', () => {
    const { node, use } = metering(metered());
    use('exhausted');
    expect(node.interface('eth0')).toMatchObject({
      candidate: false,
      notCandidateBecause: 'its budget of 1 GB is used up',
      usable: { ipv4: false, ipv6: false },
    });
    expect(node.activeName).toBe('wwan0');
    expect(node.active()).toMatchObject({
      rule: 'usable',
      because: 'eth0 may not be used any more: its budget of 1 GB is used up; wwan0 has a way out and scores 1030',
    });
    expect(node.context.intent.probes.map(({ name }) => name)).toEqual(['wwan0']);
    expect(node.context.intent.network.ranking.ipv4.map(({ index }) => index)).toEqual([4]);
    expect(explain(node.actor.getSnapshot(), 'eth0')).toMatchObject({
      uplinks: [
        {
          against: 'wwan0',
          rules: [{ left: 'may not be used: its budget of 1 GB is used up', right: 'has a way out' }, ...others],
        },
        {},
      ],
    });
  });

  test('gives it back in the next period', () => {
    const { node, use, problems } = metering(metered());
    use('exhausted');
    expect(problems()).toEqual(['budget.exhausted']);
    use('below');
    expect(problems()).toEqual([]);
    expect(node.interface('eth0')?.candidate).toBe(true);
    node.settle([2, 4], 90);
    expect(node.activeName).toBe('eth0');
  });

  test('slows a throttled one down, and leaves it where it is', () => {
    const { node, use, problems } = metering(metered({ atLimit: 'throttle' }));
    use('at90');
    expect(node.context.intent.network.throttled).toBeUndefined();
    use('exhausted');
    expect(node.activeName).toBe('eth0');
    expect(node.context.intent.network.throttled).toEqual([2]);
    expect(problems()).toEqual(['budget.exhausted']);
    use('below');
    expect(node.context.intent.network.throttled).toBeUndefined();
  });

  test('is only warned of where that is what the policy says', () => {
    const { node, use, problems } = metering(metered({ atLimit: 'warn' }));
    const before = node.context.intent;
    use('exhausted');
    expect(node.activeName).toBe('eth0');
    expect(node.context.intent).toBe(before);
    expect(problems()).toEqual(['budget.exhausted']);
  });

  test('that is known of when its interface is found keeps it from ever being used', () => {
    const node = new NodeBench(withPolicies({ usb0: metered() }));
    node.find(facts({ index: 5, name: 'usb0' }));
    node.send({ type: 'budget.changed', index: 5, level: 'exhausted', isKnown: true });
    node.observe();
    expect(node.activeName).toBeNull();
    expect(node.emissions.filter(({ type }) => type === 'budget' || type === 'switch')).toEqual([]);
  });

  test('stays used up while the interface is renamed, and while its actor is started anew', () => {
    const { node, use } = metering(metered());
    use('exhausted');
    node.change(2, { name: 'eth0', macAddress: '02:00:00:00:00:09' });
    expect(node.interface('eth0')?.candidate).toBe(false);
    node.change(2, { name: 'enx020000000009' });
    node.change(2, { name: 'eth0' });
    expect(node.interface('eth0')?.candidate).toBe(false);
  });

  test('is forgotten with the interface: who comes after on its index has a budget of its own', () => {
    const { node, use } = metering(metered());
    use('exhausted');
    node.lose(2);
    node.find(facts({ index: 2, name: 'eth0' }));
    expect(node.interface('eth0')?.candidate).toBe(true);
  });
});

describe('TETH-5: warnings', () => {
  test('come at 75, 90 and 100 %, each once, and when all is well again', () => {
    const { use, told, problems } = metering(metered());
    use('at75');
    expect(problems()).toEqual(['budget.nearLimit']);
    use('at90');
    expect(problems()).toEqual(['budget.nearLimit']);
    use('exhausted');
    use('below');
    expect(told()).toEqual(['at75', 'at90', 'exhausted', 'below']);
  });

  test('are no news where they were given already, by an earlier run or before it was unplugged', () => {
    const { use, told, problems } = metering(metered());
    use('at90', true);
    expect(told()).toEqual([]);
    expect(problems()).toEqual(['budget.nearLimit']);
  });

  test('say what is used, of how much, and what will happen', () => {
    const { node, use } = metering(metered({ atLimit: 'throttle' }));
    use('at90');
    expect(node.status.problems[0]?.message).toBe(
      'eth0 has used 90 % of its budget of 1 GB; it is slowed down when all is used',
    );
  });

  test('are not for those who have no budget', () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.observe();
    node.send({ type: 'budget.changed', index: 2, level: 'exhausted' });
    expect(node.status.problems).toEqual([]);
    expect(node.activeName).toBe('eth0');
  });
});

describe('TETH-5, SEL-1: an uplink for emergencies only', () => {
  const emergency = (): NodeBench => {
    const node = new NodeBench(withPolicies({ eth0: { kind: 'emergencyOnly' } }));
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 4, name: 'wwan0' }));
    node.observe();
    return node;
  };

  test('is not used while anything else is reachable, however good it is; the rule is called cost', () => {
    const node = emergency();
    for (let i = 0; i < 12; i++) {
      node.good(2, 1);
      node.good(4, 400);
      node.clock.advance(5000);
    }
    expect(node.active()).toMatchObject({ iface: 'wwan0', rule: 'cost' });
  });

  test('is used when nothing else is reachable, and left at once when something is', () => {
    const node = emergency();
    node.settle([2, 4], 30);
    node.bad(4);
    node.bad(4);
    expect(node.active()).toMatchObject({ iface: 'eth0', rule: 'reachable' });
    node.good(4);
    expect(node.active()).toMatchObject({ iface: 'wwan0', rule: 'cost' });
  });

  test('is not used either where the others are in the state down, degraded or held back, and reachable', () => {
    const node = emergency();
    node.settle([2, 4], 30);
    for (let i = 0; i < 6; i++) {
      node.change(4, { hasCarrier: false });
      node.change(4, { hasCarrier: true });
    }
    node.good(4);
    expect(node.interface('wwan0')?.damping.suppressed).toBe(true);
    expect(node.activeName).toBe('wwan0');
  });
});
