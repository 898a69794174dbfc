import { VirtualTimeScheduler } from 'rxjs';
import { expect, test } from 'vitest';
import type { PanOutcome } from '../../../src/adapters/bluetooth/bluez.ts';
import { connectPhones } from '../../../src/engine/bluetooth-connecting.ts';

const phone = 'AA:BB:CC:DD:EE:FF';
const connected: PanOutcome = { kind: 'connected' };
const failed: PanOutcome = { kind: 'failed', message: 'it does not answer' };

/** Phones that answer so, one answer after the other, the last one for ever. */
function calling(answers: readonly PanOutcome[], addresses: readonly string[] = [phone]) {
  const scheduler = new VirtualTimeScheduler();
  const told: string[] = [];
  const calls: number[] = [];
  const connecting = connectPhones({
    addresses,
    scheduler,
    problems: {
      note: ({ code, subject }) => void told.push(`note ${code} ${subject}`),
      solve: ({ code, subject }) => void told.push(`solve ${code} ${subject}`),
    },
    connect: () => {
      const answer = answers[Math.min(calls.length, answers.length - 1)] ?? failed;
      calls.push(scheduler.now() / 1000);
      return Promise.resolve(answer);
    },
  });
  return {
    connecting,
    told,
    calls,
    async pass(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        scheduler.maxFrames = scheduler.frame + 1000;
        scheduler.flush();
        scheduler.frame = scheduler.maxFrames;
        // oxlint-disable-next-line no-await-in-loop
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('a phone that is connected is looked after every 30 s, and nothing is told', async () => {
  const node = calling([connected]);
  await node.pass(100);
  expect([node.calls.length, node.told]).toEqual([4, []]);
});

test('a phone that does not answer is called more rarely each time, every 5 min at least, and that is said once', async () => {
  const node = calling([failed]);
  await node.pass(2000);
  const gaps = node.calls.slice(1).map((at, index) => Math.round((at - (node.calls[index] ?? 0)) / 5) * 5);
  expect(gaps).toEqual([15, 30, 60, 120, 240, 300, 300, 300, 300, 300]);
  expect(node.told).toEqual([`note tether.notConnected ${phone}`]);
});

test('one that answers again is solved, and called soon when it is lost anew', async () => {
  const node = calling([failed, failed, failed, connected, failed, failed]);
  await node.pass(180);
  expect(node.told).toEqual([
    `note tether.notConnected ${phone}`,
    `solve tether.notConnected ${phone}`,
    `note tether.notConnected ${phone}`,
  ]);
  const [, , , third = 0, fourth = 0, fifth = 0] = node.calls;
  expect([Math.round((fourth - third) / 5) * 5, Math.round((fifth - fourth) / 5) * 5]).toEqual([30, 15]);
});

test('phones are called one by one, none where none is named, and none any more at the end', async () => {
  const two = calling([connected], [phone, '00:11:22:33:44:55']);
  await two.pass(2);
  expect(two.calls).toHaveLength(2);
  two.connecting.close();
  await two.pass(100);
  expect(two.calls).toHaveLength(2);
  const none = calling([connected], []);
  await none.pass(100);
  expect(none.calls).toEqual([]);
});
