import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { ControlEvent } from '../../../../src/adapters/control/api.ts';
import { followControl, listenToEvents } from '../../../../src/adapters/control/events.ts';
import { emptyStatus, fakeDaemon, temporaryFolder, type FakeDaemon } from './control-fixture.ts';

/** Resolves with the next subscription, of which a fake daemon says nothing by itself. */
function daemonWithSubscriptions(
  path?: string,
): Promise<{ daemon: FakeDaemon; subscribed: Promise<void>; listeners: Set<(event: ControlEvent) => void> }> {
  const listeners = new Set<(event: ControlEvent) => void>();
  const { promise: subscribed, resolve } = Promise.withResolvers<void>();
  const subscribe = (listener: (event: ControlEvent) => void) => {
    listeners.add(listener);
    resolve();
    return () => listeners.delete(listener);
  };
  return fakeDaemon({ subscribe }, path).then((daemon) => ({ daemon, subscribed, listeners }));
}

test('events arrive whole and in order, however the stream is cut', async () => {
  const { daemon, subscribed, listeners } = await daemonWithSubscriptions();
  const stop = new AbortController();
  const received: ControlEvent[] = [];
  const ended = listenToEvents(
    daemon.path,
    (event) => {
      received.push(event);
      if (received.length === 100) stop.abort();
    },
    stop.signal,
  );
  await subscribed;
  // Long enough for the stream to be cut anywhere, also within a character.
  const data = (index: number) => ({ index, text: 'ä\n\n€'.repeat(500) });
  for (let index = 0; index < 100; index++) for (const tell of listeners) tell({ type: 'state', data: data(index) });
  await ended;
  expect(received).toEqual(Array.from({ length: 100 }, (_, index) => ({ type: 'state', data: data(index) })));
});

test('listening ends by itself where no daemon is, and when it goes', async () => {
  const { signal } = new AbortController();
  await listenToEvents(join(temporaryFolder(), 'none.sock'), () => {}, signal);
  const { daemon, subscribed } = await daemonWithSubscriptions();
  const ended = listenToEvents(daemon.path, () => {}, signal);
  await subscribed;
  await daemon.close();
  await ended;
  expect(signal.aborted).toBe(false);
});

test('a follower sees the status at once, and again right after an event', async () => {
  const { daemon, subscribed, listeners } = await daemonWithSubscriptions();
  const stop = new AbortController();
  const seen: unknown[] = [];
  // An hour between looks: the second one can only come from the event.
  const followed = followControl(
    daemon.path,
    3_600_000,
    {
      onStatus: (status) => {
        seen.push(status);
        if (seen.includes('switch')) stop.abort();
      },
      onEvent: ({ type }) => void seen.push(type),
    },
    stop.signal,
  );
  await subscribed;
  for (const tell of listeners) tell({ type: 'switch', data: {} });
  await followed;
  expect(seen.at(-2)).toBe('switch');
  expect(seen.at(-1)).toEqual(emptyStatus);
});

test('a follower waits for a daemon that is gone, and follows the one that comes back', async () => {
  const path = join(temporaryFolder(), 'c.sock');
  const stop = new AbortController();
  const seen: ('none' | 'status')[] = [];
  const daemons: Promise<FakeDaemon>[] = [];
  await followControl(
    path,
    1,
    {
      onStatus: (status) => {
        seen.push(status === null ? 'none' : 'status');
        if (daemons.length === 0) daemons.push(fakeDaemon({}, path));
        if (status !== null) stop.abort();
      },
      onEvent: () => {},
    },
    stop.signal,
  );
  await Promise.all(daemons);
  expect(new Set(seen)).toEqual(new Set(['none', 'status']));
  expect(seen[0]).toBe('none');
});
