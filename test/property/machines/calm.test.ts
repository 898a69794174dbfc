import { describe, expect, test } from 'vitest';
import { defaultConfig, type Config } from '../../../src/model/config.ts';
import type { InterfaceType } from '../../../src/model/interface.ts';
import { dice } from '../../fakes/dice.ts';
import { answered, facts, lost, targets } from '../../unit/machines/examples.ts';
import { NodeBench } from '../../unit/machines/node-bench.ts';

/** An uplink whose delay is another while it carries the traffic. */
interface Link {
  readonly name: string;
  readonly type: InterfaceType;
  readonly idleRtt: number;
  readonly busyRtt: number;
  /** Share of samples that are lost. */
  readonly loss?: number;
}

const link = (name: string, type: InterfaceType, idleRtt: number, busyRtt: number, loss = 0): Link => ({
  name,
  type,
  idleRtt,
  busyRtt,
  loss,
});

const hour = 3_600_000;

const configOf = (links: readonly Link[], own: Partial<Config>): Config => ({
  ...defaultConfig,
  ...own,
  uplinks: links.map(({ name, type }) => ({
    match: { name },
    type,
    gateway: { ipv4: null, ipv6: null },
    dhcp: false,
    policy: { kind: 'unrestricted' },
  })),
});

/** The loop is closed: the traffic goes where the node sends it, and makes the delay by which the node chooses. */
function played(links: readonly Link[], seed: number, hours: number, own: Partial<Config> = {}): NodeBench {
  const node = new NodeBench(configOf(links, own));
  const random = dice(seed);
  for (const [position, { name }] of links.entries()) node.find(facts({ index: position + 2, name }));
  node.observe();
  const probeForEver = (probed: Link, index: number): void => {
    const { idleRtt, busyRtt, loss = 0 } = probed;
    const isActive = node.context.selected.ipv4?.active?.index === index;
    const rtt = (isActive ? busyRtt : idleRtt) * (0.85 + 0.3 * random());
    node.probe(
      index,
      targets.map((target) => (random() < loss ? lost(target) : answered(target, rtt))),
    );
    node.clock.setTimeout(() => probeForEver(probed, index), 5000 * (0.9 + 0.2 * random()));
  };
  for (const [position, one] of links.entries()) probeForEver(one, position + 2);
  node.clock.advance(hours * hour);
  return node;
}

/** Switches by score in each hour. The choice at start is none. */
const switchesByScore = (node: NodeBench, hours: number): readonly number[] =>
  Array.from(
    { length: hours },
    (_, which) =>
      node.emissions.filter(
        (told) =>
          told.type === 'switch' &&
          told.switch.from !== null &&
          told.switch.rule === 'score' &&
          Math.floor(told.at / hour) === which,
      ).length,
  );

/** The share of the time from the second hour on that an uplink is the active one. */
function shareOf(name: string, node: NodeBench): number {
  let total = 0;
  let since: number | null = null;
  const count = (until: number): void => {
    if (since !== null) total += Math.max(0, until - Math.max(hour, since));
    since = null;
  };
  for (const told of node.emissions) {
    if (told.type !== 'switch') continue;
    count(told.at);
    if (told.switch.to === name) since = told.at;
  }
  count(node.clock.now());
  return total / (node.clock.now() - hour);
}

const lte = link('wwan0', 'lteModem', 50, 800);
const phone = link('usb0', 'usbTether', 100, 100);

describe('SEL-2: an uplink whose delay jumps while it carries the traffic', () => {
  test.each([
    ['beside a steady one', [lte, phone]],
    ['beside a steady one that was found first', [phone, lte]],
    ['beside one that is no better', [lte, link('usb0', 'usbTether', 100, 700)]],
    ['beside one of its kind', [link('wwan0', 'lteModem', 30, 400), link('wwan1', 'lteModem', 60, 60)]],
    ['with the bias against it', [link('usb0', 'usbTether', 20, 900), link('wlan0', 'wifi', 150, 150)]],
    ['with the bias for it', [link('eth0', 'ethernet', 20, 250), link('wlan0', 'wifi', 60, 80)]],
    ['beside two steady ones', [lte, phone, link('wlan0', 'wifi', 160, 160)]],
  ])('%s, is left and returned to by score at most 6 times in the first hour, and twice in the next', (_, links) => {
    const [first, next] = switchesByScore(played(links, links.length, 2), 2);
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(6);
    expect(next).toBeLessThanOrEqual(2);
  });

  test('is tried for less than a minute in each hour, for it may be well by then', () => {
    const node = played([lte, phone], 7, 4);
    expect(shareOf('wwan0', node)).toBeLessThan(1 / 60);
    expect(switchesByScore(node, 4).slice(1)).toEqual([2, 2, 2]);
    const back = node.switches.filter(({ to }) => to === 'wwan0').map(({ because }) => because);
    expect(back[2]).toMatch(/^wwan0 scores 98\d, usb0 scores 8\d\d, for 300 s: it was left by score 2 times lately$/u);
  });

  test('where each loses one sample in a hundred, too, is seldom returned to', () => {
    const lossy = [link('wwan0', 'lteModem', 50, 800, 0.01), link('usb0', 'usbTether', 100, 100, 0.01)];
    const [first, next] = switchesByScore(played(lossy, 1, 2), 2);
    expect(first).toBeLessThanOrEqual(8);
    expect(next).toBeLessThanOrEqual(4);
  });

  test('is taken at once when the other one is gone, whatever it did', () => {
    const node = played([lte, phone], 1, 1);
    const before = node.switches.length;
    expect(node.activeName).toBe('usb0');
    node.change(3, { hasCarrier: false });
    expect(node.activeName).toBe('wwan0');
    expect(node.switches.slice(before).map(({ rule }) => rule)).toEqual(['usable']);
  });

  test('the better of two steady ones is returned to after 10 s and 3 rounds, however often the other one filled in', () => {
    const node = played([link('eth0', 'ethernet', 20, 20), phone], 1, 0.01);
    for (let time = 0; time < 4; time++) {
      node.change(2, { hasCarrier: false });
      expect(node.activeName).toBe('usb0');
      node.change(2, { hasCarrier: true });
      node.clock.advance(300_000);
      expect(node.activeName).toBe('eth0');
      expect(node.switches.at(-1)).toMatchObject({ rule: 'score' });
      expect(node.switches.at(-1)?.because).toMatch(/, for 1\d s$/u);
    }
  });
});
