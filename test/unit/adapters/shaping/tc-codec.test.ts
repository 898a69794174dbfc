import { describe, expect, test } from 'vitest';
import {
  defaultMinorOf,
  isPlainName,
  ownerOf,
  parseClasses,
  parseQdiscs,
  treeWords,
} from '../../../../src/adapters/shaping/tc.codec.ts';
import type { DesiredTree } from '../../../../src/model/shaping.ts';
import { kilobitsPerSecond } from '../../../../src/model/units.ts';

const tree: DesiredTree = {
  interface: 'ap0',
  ceiling: kilobitsPerSecond(10_000),
  classes: [
    { name: 'control', minor: 0x10, rate: kilobitsPerSecond(1000), priority: 0 },
    { name: 'bulk', minor: 0x30, rate: kilobitsPerSecond(9000), priority: 2 },
  ],
  defaultMinor: 0x30,
  because: 'a test',
};

/** As iproute2 6.1 prints it for a tree with one class too many. */
const qdiscs = `[{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"refcnt":2,"options":{}},
{"kind":"mq","handle":"0:","dev":"eth0","root":true,"options":{}},
{"kind":"cake","handle":"8001:","dev":"wan0","root":true,"options":{}},
{"kind":"htb","handle":"1442:","dev":"ap0","root":true,"refcnt":3,"options":{"r2q":10,"default":"0x30","direct_packets_stat":0,"direct_qlen":1000}},
{"kind":"fq_codel","handle":"8002:","dev":"ap0","parent":"1442:10","options":{"limit":10240,"flows":1024}},
{"kind":"bfifo","handle":"8003:","dev":"ap0","parent":"1442:30","options":{"limit":70000}}]`;
const classes = `class htb 1442:10 parent 1442:1 leaf 8002: prio 0 rate 1Mbit ceil 10Mbit burst 1600b cburst 2500b
class htb 1442:1 root rate 10Mbit ceil 10Mbit burst 2500b cburst 2500b
class htb 1442:30 parent 1442:1 leaf 8003: prio 2 quantum 11250 rate 1500Kbit overhead 4 ceil 10Mbit linklayer ethernet burst 2250b cburst 2500b
class htb 7:99 root prio 0 rate 800bit ceil 800bit burst 1b cburst 1b
`;

describe('the words of tc', () => {
  test('QOS-1: build a tree whose ceilings are all that of the root, or change it as it stands', () => {
    const { classes: made, leaves } = treeWords(tree, 'fq_codel', 'add');
    expect(made).toEqual([
      'qdisc add dev ap0 root handle 1442: htb default 30',
      'class replace dev ap0 parent 1442: classid 1442:1 htb rate 10000000bit ceil 10000000bit burst 2500 cburst 2500 quantum 12500',
      'class replace dev ap0 parent 1442:1 classid 1442:10 htb prio 0 rate 1000000bit ceil 10000000bit burst 1600 cburst 2500 quantum 1514',
      'class replace dev ap0 parent 1442:1 classid 1442:30 htb prio 2 rate 9000000bit ceil 10000000bit burst 2250 cburst 2500 quantum 11250',
    ]);
    expect(leaves).toEqual([
      'qdisc replace dev ap0 parent 1442:10 fq_codel',
      'qdisc replace dev ap0 parent 1442:30 fq_codel',
    ]);
    expect(treeWords(tree, 'bfifo', 'change').classes).toEqual(made.slice(1));
    expect(treeWords(tree, 'bfifo', 'change').leaves[0]).toBe('qdisc replace dev ap0 parent 1442:10 bfifo limit 70000');
    expect(treeWords(tree, 'fq_codel', 'rebuild').classes).toEqual(['qdisc delete dev ap0 root handle 1442:', ...made]);
  });

  test('QOS-1: are read back, and tell whose a root qdisc is', () => {
    const shown = parseQdiscs(qdiscs) ?? [];
    const roots = shown.filter(({ isRoot }) => isRoot);
    expect(roots.map((root) => [root.interface, ownerOf(root)])).toEqual([
      ['lo', 'default'],
      ['eth0', 'default'],
      ['wan0', 'foreign'],
      ['ap0', 'own'],
    ]);
    expect(roots.map(defaultMinorOf)).toEqual([null, null, null, 0x30]);
    const read = parseClasses(classes, shown);
    expect([...read.values()]).toEqual([
      { minor: 0x10, parentMinor: 1, rate: 1e6, ceil: 1e7, priority: 0, leaf: { kind: 'fq_codel', limit: 10_240 } },
      { minor: 1, parentMinor: null, rate: 1e7, ceil: 1e7, priority: null, leaf: null },
      { minor: 0x30, parentMinor: 1, rate: 1.5e6, ceil: 1e7, priority: 2, leaf: { kind: 'bfifo', limit: 70_000 } },
    ]);
  });

  test.each(['', 'no JSON', '{', '{"kind":"htb"}', '[1, null, {"kind": 3}]', '[{"kind":"htb","handle":7,"dev":"x"}]'])(
    'QOS-1: an answer of another kind is no qdisc: %j',
    (text) => {
      expect(parseQdiscs(text) ?? []).toEqual([]);
      expect(parseClasses(text, []).size).toBe(0);
    },
  );

  test('SECU-4: a name that tc or nft would take for something else is put into neither', () => {
    for (const name of ['eth0', 'enp3s0.100', 'wan@home', 'x+y=z,~^%-']) expect(isPlainName(name)).toBe(true);
    for (const name of ['', 'a b', 'a"b', "a'b", 'a#b', 'a;b', 'a\nb', 'a*', 'a{b', 'a\\b', 'x'.repeat(16)]) {
      expect(isPlainName(name)).toBe(false);
    }
  });
});
