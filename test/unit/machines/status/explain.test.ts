import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/machines/status/status.selectors.ts';
import type { UplinkExplanation } from '../../../../src/model/status.ts';
import { facts } from '../examples.ts';
import { NodeBench } from '../node-bench.ts';

describe('an explanation', () => {
  const twoAlike = () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'eth1' }));
    node.observe();
    return node;
  };
  const about = (node: NodeBench, name: string | null): UplinkExplanation => {
    const explanation = explain(node.actor.getSnapshot(), name);
    const uplink = 'uplinks' in explanation ? explanation.uplinks.find(({ family }) => family === 'ipv4') : undefined;
    if (uplink === undefined) throw new Error('nothing is explained');
    return uplink;
  };
  const ruleOf = ({ rules }: UplinkExplanation, name: string) => rules.find(({ rule }) => rule === name);

  test('says of an active uplink that waits to be up that it counts as up, which is why it stays', () => {
    const node = twoAlike();
    node.settle([2, 3], 4);
    expect(node.interface('eth0')?.state).toBe('probing');
    const { because, rules } = about(node, 'eth1');
    expect(rules.filter(({ decides }) => decides)).toEqual([
      { rule: 'lifecycle', left: 'is probing', right: 'counts as up', prefers: 'right', decides: true },
    ]);
    expect(because).toMatch(/^eth0 counts as up, eth1 is probing/u);
  });

  test('says of the active uplink what keeps it now, as the rules beside it do', () => {
    const node = twoAlike();
    node.settle([2, 3], 4);
    expect(node.active()?.rule).toBe('name');
    expect(about(node, null).because).toMatch(/^eth0 counts as up, eth1 is probing/u);
  });

  test('a score that is higher by less than the margin speaks for nobody', () => {
    const node = twoAlike();
    node.settle([2, 3], 30);
    node.good(2, 40);
    const explanation = about(node, 'eth1');
    const score = ruleOf(explanation, 'score');
    expect(score?.left).not.toBe(score?.right);
    expect(score).toMatchObject({ prefers: null, decides: false });
    expect(ruleOf(explanation, 'incumbent')).toMatchObject({ prefers: 'right', decides: true });
    expect(ruleOf(about(node, null), 'score')).toMatchObject({ prefers: null, decides: false });
  });
});
