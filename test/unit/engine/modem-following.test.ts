import { VirtualTimeScheduler } from 'rxjs';
import { expect, test } from 'vitest';
import type { ModemAnswer } from '../../../src/adapters/modem/modem-manager.ts';
import { followModems, type ModemUplink } from '../../../src/engine/modem-following.ts';
import type { Problem } from '../../../src/model/errors.ts';
import type { NodeEvent } from '../../../src/model/events.ts';
import { instant } from '../../../src/model/units.ts';
import { facts } from '../machines/examples.ts';
import { exampleStatus } from '../commands/watch/example-status.ts';

const wwan0: ModemUplink = { index: 4, name: 'wwan0', families: ['ipv4', 'ipv6'] };
const absent: ModemAnswer = { kind: 'absent' };
const broken: ModemAnswer = { kind: 'broken', problem: { code: 'modem.unavailable', message: 'broken' } };
const signal = (signalPercent: number, name = 'wwan0'): ModemAnswer => ({
  kind: 'read',
  modems: new Map([[name, { state: 'connected', accessTechnology: 'lte', signalPercent }]]),
});

/** Follows modems that answer so, one answer after the other, the last one for ever. */
function following(answers: readonly ModemAnswer[], uplinks: readonly ModemUplink[] = [wwan0]) {
  const scheduler = new VirtualTimeScheduler();
  const events: NodeEvent[] = [];
  const told: string[] = [];
  let asked = 0;
  const current = { uplinks };
  const modems = followModems({
    scheduler,
    problems: {
      note: ({ code }: Problem) => void told.push(`note ${code}`),
      solve: ({ code }: Problem) => void told.push(`solve ${code}`),
    },
    now: () => scheduler.now(),
    uplinks: () => current.uplinks,
    onEvent: (event) => void events.push(event),
    read: () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? absent;
      asked += 1;
      return Promise.resolve(answer);
    },
  });
  return {
    modems,
    events,
    told,
    current,
    asked: () => asked,
    /** Lets so many seconds pass, second by second, and what was asked be answered. */
    async pass(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        scheduler.maxFrames = scheduler.frame + 1000;
        scheduler.flush();
        scheduler.frame = scheduler.maxFrames;
        // oxlint-disable-next-line no-await-in-loop
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    link: (index: number) => modems.see({ type: 'interface.found', at: instant(0), facts: facts({ index }) }),
  };
}

test('modems are asked every 30 s, and at once when the link of one comes', async () => {
  const node = following([signal(60)]);
  node.link(4);
  await node.pass(1);
  expect(node.asked()).toBe(1);
  await node.pass(60);
  expect(node.asked()).toBe(3);
});

test('many changes of links make few questions, and other links none', async () => {
  const node = following([signal(60)]);
  for (let change = 0; change < 100; change++) node.link(4);
  await node.pass(10);
  expect(node.asked()).toBe(2);
  for (let change = 0; change < 100; change++) node.link(2);
  await node.pass(10);
  expect(node.asked()).toBe(2);
});

test('nobody is asked while there is no modem among the uplinks', async () => {
  const node = following([signal(60)], []);
  node.link(4);
  await node.pass(300);
  expect(node.asked()).toBe(0);
});

test('HLTH-6: a signal that falls makes the uplink suspected, in each family that it has a way out for', async () => {
  const node = following([signal(80), signal(40)]);
  await node.pass(61);
  const told = node.events.map((event) =>
    event.type === 'uplink.suspected' ? [event.index, event.family, event.signal] : [],
  );
  expect(told).toEqual([
    [4, 'ipv4', 'signalLost'],
    [4, 'ipv6', 'signalLost'],
  ]);
});

test('the status has what the modem of an interface told last, and nothing where nobody answers', async () => {
  const node = following([signal(67, 'wlan0'), absent]);
  const modemOf = () => node.modems.completed(exampleStatus).interfaces.find(({ name }) => name === 'wlan0')?.modem;
  expect(modemOf()).toBeNull();
  await node.pass(31);
  expect(modemOf()).toEqual({ state: 'connected', accessTechnology: 'lte', signalPercent: 67 });
  await node.pass(31);
  expect(modemOf()).toBeNull();
});

test('no ModemManager is nothing to tell; a broken one is told of once, and when it is mended', async () => {
  const node = following([absent, absent, broken, broken, broken, signal(60), broken]);
  await node.pass(65);
  expect(node.told).toEqual([]);
  await node.pass(90);
  expect(node.told).toEqual(['note modem.unavailable']);
  await node.pass(30);
  expect(node.told).toEqual(['note modem.unavailable', 'solve modem.unavailable']);
});

test('what fell while nobody answered is seen by the next answer', async () => {
  const node = following([signal(80), broken, signal(40)]);
  await node.pass(95);
  expect(node.events).toHaveLength(2);
});

test('an uplink that is another one now has nothing to fall from', async () => {
  const node = following([signal(80), absent, signal(40)]);
  await node.pass(95);
  expect(node.events).toEqual([]);
});

test('nobody is asked any more at the end', async () => {
  const node = following([signal(60)]);
  node.modems.close();
  await node.pass(100);
  expect(node.asked()).toBe(0);
});
