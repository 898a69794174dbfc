import { expect, onTestFinished, test, vi } from 'vitest';

import { callControl } from '../../../../src/adapters/control/client.ts';
import type { TraceItem } from '../../../../src/model/trace.ts';
import { instant } from '../../../../src/model/units.ts';
import { fakeDaemon, noActors } from './control-fixture.ts';
import { viewerOf } from './control-viewer.ts';

const ended = (id: string): TraceItem => ({ type: 'actor.ended', at: instant(1), id });

test('API-4: what the machines do comes as server-sent events that count, all actors first', async () => {
  const daemon = await fakeDaemon();
  const viewer = await viewerOf(daemon.path);
  daemon.show(ended('interface.2'));
  daemon.show(ended('interface.3'));
  await viewer.until(() => viewer.sent.length === 3);
  expect(viewer.headers['content-type']).toBe('text/event-stream');
  expect(viewer.sent).toEqual([
    { id: 1, item: noActors },
    { id: 2, item: ended('interface.2') },
    { id: 3, item: ended('interface.3') },
  ]);
});

test('two viewers see the same, and one who leaves takes nothing from the other', async () => {
  const daemon = await fakeDaemon();
  const [first, second] = [await viewerOf(daemon.path), await viewerOf(daemon.path)];
  daemon.show(ended('interface.2'));
  await Promise.all([first, second].map((viewer) => viewer.until(() => viewer.sent.length === 2)));
  await first.leave();
  await vi.waitFor(() => expect(daemon.viewers()).toBe(1), { interval: 1 });
  daemon.show(ended('interface.3'));
  await second.until(() => second.sent.length === 3);
  expect([first.types, second.types]).toEqual([
    ['actors', 'actor.ended'],
    ['actors', 'actor.ended', 'actor.ended'],
  ]);
});

test('nobody looks any more when the last viewer has left', async () => {
  const daemon = await fakeDaemon();
  const viewer = await viewerOf(daemon.path);
  expect(daemon.viewers()).toBe(1);
  await viewer.leave();
  await vi.waitFor(() => expect(daemon.viewers()).toBe(0), { interval: 1 });
});

test('a stream that broke is resumed with all actors', async () => {
  const daemon = await fakeDaemon();
  const broken = await viewerOf(daemon.path);
  await broken.leave();
  const again = await viewerOf(daemon.path, { 'last-event-id': '1' });
  daemon.show(ended('interface.2'));
  await again.until(() => again.sent.length === 2);
  expect(again.sent).toEqual([
    { id: 1, item: noActors },
    { id: 2, item: ended('interface.2') },
  ]);
});

test('a daemon that is started anew is seen again on the same socket', async () => {
  const daemon = await fakeDaemon();
  const viewer = await viewerOf(daemon.path);
  const broken = viewer.leave();
  await daemon.close();
  await broken;
  const next = await fakeDaemon({}, daemon.path);
  const again = await viewerOf(next.path);
  expect([again.types, daemon.viewers(), next.viewers()]).toEqual([['actors'], 0, 1]);
});

test('a viewer that does not read makes nothing grow: it misses items, and is shown all actors when it reads', async () => {
  const daemon = await fakeDaemon();
  const viewer = await viewerOf(daemon.path);
  viewer.pause();
  const long = ended('x'.repeat(10_000));
  let shown = 0;
  for (; shown < 1000 && daemon.viewers() > 0; shown++) {
    daemon.show(long);
    if (shown % 10 === 0) await new Promise(setImmediate);
  }
  expect(daemon.viewers()).toBe(0);
  expect(shown).toBeLessThan(300);
  daemon.show(ended('missed'));
  expect(await callControl(daemon.path, { method: 'GET', path: '/plan' })).toEqual([]);
  viewer.resume();
  await viewer.until(() => viewer.types.lastIndexOf('actors') > 0);
  daemon.show(ended('seen'));
  await viewer.until(() => viewer.sent.at(-1)?.item.type === 'actor.ended');
  expect(viewer.sent.slice(-2).map(({ item }) => item)).toEqual([noActors, ended('seen')]);
  expect(viewer.sent.map(({ id }) => id)).toEqual(viewer.sent.map((_, position) => position + 1));
  expect(viewer.sent.some(({ item }) => item.type === 'actor.ended' && item.id === 'missed')).toBe(false);
});

test('what comes up within one turn is limited too', async () => {
  const daemon = await fakeDaemon();
  const viewer = await viewerOf(daemon.path);
  for (let i = 0; i < 5000; i++) daemon.show(ended(`interface.${i}`));
  await viewer.until(() => viewer.types.lastIndexOf('actors') > 0);
  expect(viewer.sent.length).toBeLessThan(1100);
});

test('a quiet stream beats', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const daemon = await fakeDaemon();
  const viewer = await viewerOf(daemon.path);
  vi.advanceTimersByTime(15_000);
  await viewer.until(() => viewer.text.includes(': still here\n\n'));
  await viewer.leave();
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0), { interval: 1 });
});
