import { expect, test } from 'vitest';
import { type Watcher, watcherOf } from '../../../../src/adapters/libc/watch.ts';

type Callback = (...values: readonly unknown[]) => void;

/** uv_poll, played by a test. */
function played(onReady: (status: number) => void): {
  readonly watcher: Watcher;
  readonly ready: (status: number) => void;
  log: string[];
} {
  let callback: Callback = () => {};
  const log: string[] = [];
  const handle = {
    start: (_events: object, given: Callback) => {
      log.push('start');
      callback = given;
    },
    close: () => log.push('close'),
    ref: () => log.push('ref'),
    unref: () => log.push('unref'),
  };
  const watch = watcherOf({
    poll: (_fd, _events, given) => {
      callback = given;
      return handle;
    },
  });
  const watcher = watch(3, { readable: true }, onReady);
  return {
    watcher,
    log,
    ready: (status) => {
      callback(status, {});
    },
  };
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('it is called once a turn, with the worst that happened', async () => {
  const heard: number[] = [];
  const { ready } = played((status) => heard.push(status));
  ready(0);
  ready(-9);
  expect(heard).toEqual([]);
  await turn();
  expect(heard).toEqual([-9]);
  ready(0);
  await turn();
  expect(heard).toEqual([-9, 0]);
});

test('a watcher that is closed between the event and its turn does not call', async () => {
  const heard: number[] = [];
  const { watcher, ready, log } = played((status) => heard.push(status));
  ready(0);
  watcher.close();
  watcher.close();
  watcher.restart();
  await turn();
  expect([heard, log]).toEqual([[], ['close']]);
});

test('after an error it goes on when it is restarted', async () => {
  const heard: number[] = [];
  const { watcher, ready, log } = played((status) => heard.push(status));
  ready(-9);
  await turn();
  watcher.restart();
  ready(0);
  await turn();
  expect([heard, log]).toEqual([[-9, 0], ['start']]);
});
