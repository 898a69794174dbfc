import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/machines/status/status.selectors.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { address, facts } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const explained = (node: NodeBench, name: string | null) => explain(node.actor.getSnapshot(), name);
const bySixRouter = { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 } as const;

describe('an explanation', () => {
  test('compares by every rule in its order, and says what each says of both', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    expect(explained(node, null)).toEqual({
      uplinks: [
        {
          family: 'ipv4',
          name: 'eth0',
          isActive: true,
          against: 'wlan0',
          because: 'eth0 scores 1070, wlan0 scores 1050',
          rules: [
            { rule: 'usable', left: 'has a way out', right: 'has a way out', prefers: null, decides: false },
            {
              rule: 'reachable',
              left: 'is reachable (verdict healthy)',
              right: 'is reachable (verdict healthy)',
              prefers: null,
              decides: false,
            },
            { rule: 'pinned', left: 'is not pinned', right: 'is not pinned', prefers: null, decides: false },
            {
              rule: 'cost',
              left: 'may be used at any time',
              right: 'may be used at any time',
              prefers: null,
              decides: false,
            },
            { rule: 'lifecycle', left: 'is up', right: 'is up', prefers: null, decides: false },
            { rule: 'score', left: 'scores 1070', right: 'scores 1050', prefers: 'left', decides: true },
            { rule: 'incumbent', left: 'is active', right: 'is not active', prefers: 'left', decides: false },
            { rule: 'bias', left: 'has the bias 100', right: 'has the bias 80', prefers: 'left', decides: false },
            { rule: 'name', left: 'eth0', right: 'wlan0', prefers: 'left', decides: false },
          ],
        },
      ],
    });
  });

  test('of another uplink is the same seen from its side', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    const [uplink] = (explained(node, 'wwan0') as { uplinks: readonly unknown[] }).uplinks;
    expect(uplink).toMatchObject({
      name: 'wwan0',
      against: 'eth0',
      isActive: false,
      because: 'eth0 scores 1070, wwan0 scores 1030',
    });
    const { rules } = uplink as { rules: readonly { rule: string; left: string; prefers: string | null }[] };
    expect(rules.slice(5).map(({ rule, left, prefers }) => [rule, left, prefers])).toEqual([
      ['score', 'scores 1030', 'right'],
      ['incumbent', 'is not active', 'right'],
      ['bias', 'has the bias 60', 'right'],
      ['name', 'wwan0', 'right'],
    ]);
  });

  test('of a name prefers the first, on whichever side it stands', () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth1' }));
    node.find(facts({ index: 3, name: 'eth0' }));
    node.observe({ ipv4: 2 });
    for (const index of [2, 3]) node.good(index);
    const [uplink] = (explained(node, 'eth0') as { uplinks: readonly { rules: readonly unknown[] }[] }).uplinks;
    expect(uplink?.rules.at(-1)).toEqual({
      rule: 'name',
      left: 'eth0',
      right: 'eth1',
      prefers: 'left',
      decides: false,
    });
  });

  test('says of the only uplink that it is, and compares it with nothing', () => {
    const node = new NodeBench();
    node.find(facts());
    node.observe();
    const only = { family: 'ipv4', name: 'eth0', isActive: true, against: null, rules: [] };
    expect(explained(node, null)).toEqual({ uplinks: [{ ...only, because: 'eth0 is the only uplink' }] });
  });

  test('says of an uplink without a way out that it has none, where no uplink is active', () => {
    const node = new NodeBench();
    node.find(facts({ hasCarrier: false }));
    node.find(facts({ index: 3, name: 'wlan0', hasCarrier: false }));
    node.observe();
    const none = { name: 'eth0', isActive: false, against: null, rules: [] };
    const because = 'no uplink is active; eth0 has no way out';
    expect(explained(node, 'eth0')).toEqual({
      uplinks: [
        { ...none, because, family: 'ipv4' },
        { ...none, because, family: 'ipv6' },
      ],
    });
    expect(explained(node, null)).toEqual({ uplinks: [] });
  });

  test('is given for each family in which the uplink is known', () => {
    const node = new NodeBench();
    const addresses = { ipv4: [address('10.0.2.5')], ipv6: [address('2001:db8::5', 64)] };
    node.find(facts({ addresses, defaultRoutes: [...facts().defaultRoutes, bySixRouter] }));
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe();
    const { uplinks } = explained(node, 'eth0') as { uplinks: readonly { family: string; because: string }[] };
    expect(uplinks.map(({ family, because }) => `${family}: ${because}`)).toEqual([
      'ipv4: eth0 has no verdict yet',
      'ipv6: eth0 has no verdict yet',
    ]);
  });

  test('of what is no uplink says so, and why where that is known', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'docker0' }));
    const problem = { code: 'usage.invalid', remedy: 'see `backhauld status` for the uplinks there are' };
    expect(explained(node, 'eth7')).toEqual({
      ...problem,
      message: 'there is no uplink called eth7',
      subject: 'eth7',
    });
    expect(explained(node, 'docker0')).toEqual({
      ...problem,
      message: 'docker0 is no uplink, because its name matches docker*',
      subject: 'docker0',
    });
  });

  test('before the network is observed explains nothing', () => {
    const node = new NodeBench();
    node.find(facts());
    expect(explained(node, null)).toEqual({ uplinks: [] });
    expect(explained(node, 'eth0')).toMatchObject({ code: 'usage.invalid' });
  });

  test('says of a challenge that it has not held for long enough, and of a pin that it decides', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    node.settle([2, 3, 4], 15);
    const leads = { rule: 'score', left: 'scores 1070', right: 'scores 1050', prefers: 'left', decides: false };
    const about = (name: string) => {
      const [uplink] = (explained(node, name) as { uplinks: readonly { because: string; rules: readonly object[] }[] })
        .uplinks;
      return [uplink?.because, ...(uplink?.rules ?? []).filter((rule) => 'decides' in rule && rule.decides === true)];
    };
    expect(about('eth0')).toEqual([
      'eth0 scores 1070, wlan0 scores 1050, but not for long enough yet',
      { rule: 'incumbent', left: 'is not active', right: 'is active', prefers: 'right', decides: true },
    ]);
    const [challenge] = (explained(node, 'eth0') as { uplinks: readonly { rules: readonly object[] }[] }).uplinks;
    expect(challenge?.rules).toContainEqual(leads);
    node.send({ type: 'command.pin', name: 'wlan0' });
    expect(about('eth0')).toEqual([
      'wlan0 is pinned, eth0 is not pinned; their scores are 1050 and 1070',
      { rule: 'pinned', left: 'is not pinned', right: 'is pinned', prefers: 'right', decides: true },
    ]);
  });

  test('tells emergencies apart', () => {
    const gateway = { ipv4: null, ipv6: null };
    const policy = { kind: 'emergencyOnly' } as const;
    const uplinks = [{ match: { name: 'wlan0' }, type: null, gateway, dhcp: false, policy }];
    const node = threeUplinks({ ...defaultConfig, uplinks });
    node.settle([2, 3, 4], 30);
    const { uplinks: found } = explained(node, 'wlan0') as { uplinks: readonly object[] };
    expect(found[0]).toMatchObject({
      because: 'eth0 may be used at any time, wlan0 is for emergencies only; their scores are 1070 and 1050',
    });
  });
});
