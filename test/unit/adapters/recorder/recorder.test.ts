import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRecorder, type Recorder, type RecorderOptions } from '../../../../src/adapters/recorder/recorder.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { NodeEmission, NodeEvent } from '../../../../src/model/events.ts';
import { noNetwork } from '../../../../src/model/network.ts';
import type { RecordingHeader } from '../../../../src/model/recording.ts';
import { bytes, hours, instant, megabytes } from '../../../../src/model/units.ts';
import { entriesOf, problemsOf, read, scratch } from './recordings-fixture.ts';

const open = new Set<Recorder>();
afterEach(async () => {
  await Promise.all([...open].map(async (recorder) => recorder.close()));
  open.clear();
});

interface Rig {
  readonly recorder: Recorder;
  readonly directory: string;
  readonly problems: Problem[];
  readonly solved: Problem[];
  /** How many checkpoints were asked for. */
  readonly checkpoints: () => number;
}

function rig(options: Partial<RecorderOptions> & { readonly directory?: string } = {}): Rig {
  const directory = options.directory ?? join(scratch(), 'state', 'recordings');
  const problems: Problem[] = [];
  const solved: Problem[] = [];
  let now = 1000;
  let checkpoints = 0;
  const recorder = createRecorder({
    directory,
    limits: { maxSize: megabytes(50), maxAge: hours(24 * 7) },
    about: () => ({ program: '0.1.0', machines: '1234abcd' }),
    config: defaultConfig,
    clock: { now: () => instant((now += 0.125)), wallTime: (at) => new Date(at).toISOString() },
    checkpoint: () => ({ snapshot: { count: (checkpoints += 1) }, timers: [], lastTimer: 0 }),
    digest: ({ uplinks }) => `digest of ${uplinks.length}`,
    onProblem: (problem) => problems.push(problem),
    onSolved: (problem) => solved.push(problem),
    ...options,
  });
  open.add(recorder);
  return { recorder, directory, problems, solved, checkpoints: () => checkpoints };
}

const lost = (index: number): NodeEvent => ({ type: 'interface.lost', index, at: instant(index) });
const entryOf = (index: number) => ({ type: 'event', event: lost(index) });
const problem: NodeEmission = {
  type: 'problem',
  problem: { code: 'kernel.refused', message: 'no' },
  at: instant(5),
};
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, offset) => from + offset);

const indexesIn = (items: Awaited<ReturnType<typeof read>>): readonly number[] =>
  entriesOf(items).flatMap((entry) => ('event' in entry && 'index' in entry.event ? (entry.event.index ?? []) : []));

async function headersIn(directory: string): Promise<readonly RecordingHeader[]> {
  return (await read(directory)).flatMap((item) => (item.type === 'segment' ? [item.header] : []));
}

test('API-5: what enters the machines, and what came of it, is read back in the order in which it was told', async () => {
  const { recorder, directory } = rig();
  recorder.event(lost(1));
  recorder.told(problem);
  recorder.wanted(noNetwork, instant(6));
  recorder.timer(3, instant(7.125));
  await recorder.close();
  const items = await read(directory);
  expect(items[0]).toMatchObject({ header: { segment: 0, checkpoint: null, at: 1000.25, program: '0.1.0' } });
  expect(entriesOf(items)).toEqual([
    entryOf(1),
    { type: 'told', emission: problem },
    { type: 'wanted', at: 6, digest: 'digest of 0' },
    { type: 'timer', at: 7.125, timer: 3 },
  ]);
});

test.each(['000', '177'])('files have mode 0600, their directory 0700, with the mask %s', async (during) => {
  const mask = process.umask(Number.parseInt(during, 8));
  const { recorder, directory } = rig();
  recorder.event(lost(1));
  await recorder.close();
  process.umask(mask);
  const [name = ''] = readdirSync(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
});

test('secrets of the configuration, of events and of checkpoints never reach the file', async () => {
  const secret = 'open sesame 4711';
  const config = { ...defaultConfig, hotspot: { ...defaultConfig.hotspot, psk: secret, wpaPassphrase: secret } };
  const { recorder, directory } = rig({
    config,
    limits: { maxSize: bytes(65_536), maxAge: hours(1) },
    checkpoint: () => ({
      snapshot: { root: { children: { deep: { apiToken: secret, list: [['psk', secret]] } } } },
      timers: [],
      lastTimer: 0,
    }),
  });
  const event = { ...lost(1), phone: { psk: secret, name: 'mine' } };
  for (const _ of range(0, 2000)) recorder.event({ ...event, at: instant(Math.random()) });
  await vi.waitFor(async () => expect((await headersIn(directory)).length).toBeGreaterThan(1), 5000);
  await recorder.close();
  const text = JSON.stringify(await read(directory));
  expect(text).not.toContain(secret);
  expect(text).toContain('"name":"mine"');
  expect(text).toContain('"psk":"[redacted]"');
  expect((await headersIn(directory)).at(-1)?.checkpoint).not.toBeNull();
});

describe('what reaches the disk when', () => {
  const timers = { toFake: ['setTimeout', 'clearTimeout', 'performance'] as const };
  afterEach(() => void vi.useRealTimers());
  const written = async (directory: string): Promise<number> =>
    existsSync(directory) ? entriesOf(await read(directory)).length : 0;

  test('nothing for a minute, so that flash is spared; then all of it', async () => {
    vi.useFakeTimers({ toFake: [...timers.toFake] });
    const { recorder, directory } = rig();
    recorder.event(lost(1));
    vi.advanceTimersByTime(59_000);
    recorder.event(lost(2));
    expect(await written(directory)).toBe(0);
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    await vi.waitFor(async () => expect(await written(directory)).toBe(2));
  });

  test('a switch or a problem within a second, with what led to it', async () => {
    vi.useFakeTimers({ toFake: [...timers.toFake] });
    const { recorder, directory } = rig();
    recorder.event(lost(1));
    recorder.told(problem);
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    await vi.waitFor(async () => expect(await written(directory)).toBe(2));
  });

  test('64 KiB of text, without waiting for the minute', async () => {
    const { recorder, directory } = rig();
    for (const index of range(0, 3000)) recorder.event(lost(index));
    await vi.waitFor(async () => expect(await written(directory)).toBeGreaterThan(1000));
  });
});

test('the loop is never held: it turns while ten thousand entries become text', async () => {
  const { recorder } = rig();
  for (const index of range(0, 10_000)) recorder.event(lost(index));
  let turns = 0;
  const count = (): void => {
    turns += 1;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  await recorder.close();
  clearImmediate(turning);
  expect(turns).toBeGreaterThan(20);
});

describe('limits', () => {
  const sizeOf = (directory: string): number =>
    readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

  test('all segments together, of whatever run, stay within the size: the oldest go first', async () => {
    const maxSize = bytes(65_536);
    const directory = join(scratch(), 'recordings');
    mkdirSync(directory);
    const old = '19600101T000000000Z-0a0a0a0a-000000.recording';
    writeFileSync(join(directory, old), Buffer.alloc(30_000));
    const { recorder } = rig({ directory, limits: { maxSize, maxAge: hours(24) } });
    let next = 0;
    let largest = 0;
    while (next < 12_000) {
      // Digits without an order: they do not compress to nothing.
      for (const _ of range(0, 300)) recorder.event({ ...lost(next++), at: instant(Math.random()) });
      await vi.waitFor(async () => expect(indexesIn(await read(directory)).at(-1) ?? 0).toBeGreaterThan(next - 2000), {
        interval: 1,
      });
      largest = Math.max(largest, existsSync(directory) ? sizeOf(directory) : 0);
    }
    await recorder.close();
    expect(Math.max(largest, sizeOf(directory))).toBeLessThanOrEqual(maxSize);
    expect(existsSync(join(directory, old))).toBe(false);
    const items = await read(directory);
    expect(problemsOf(items)).toEqual([]);
    const headers = await headersIn(directory);
    expect(headers.length).toBeGreaterThan(3);
    expect(headers[0]?.segment).toBeGreaterThan(0);
    expect(headers.every(({ checkpoint }) => checkpoint !== null)).toBe(true);
    // What is left is the end of it, without a gap.
    const indexes = indexesIn(items);
    expect(indexes).toEqual(range(next - indexes.length, next));
  });
});

describe('when it cannot write', () => {
  const delays = { flush: 5, incident: 5, retry: 40 };

  test('that is one problem, solved when it can again; then it goes on with a checkpoint and without a number', async () => {
    const directory = join(scratch(), 'recordings');
    writeFileSync(directory, 'in the way');
    const { recorder, problems, solved, checkpoints } = rig({ directory, delays });
    recorder.event(lost(1));
    await vi.waitFor(() => expect(problems).toHaveLength(1));
    recorder.event(lost(2));
    await vi.waitFor(() => expect(checkpoints()).toBeGreaterThan(1));
    expect(problems).toMatchObject([{ code: 'recording.unwritable', subject: directory }]);
    expect(readFileSync(directory, 'utf8')).toBe('in the way');
    rmSync(directory);
    await vi.waitFor(() => expect(solved).toEqual(problems));
    recorder.event(lost(3));
    await recorder.close();
    const items = await read(directory);
    expect(entriesOf(items)).toEqual([entryOf(3)]);
    expect(await headersIn(directory)).toMatchObject([{ lost: 2 }]);
    expect((await headersIn(directory))[0]?.segment).toBeGreaterThan(0);
    expect((await headersIn(directory))[0]?.checkpoint).not.toBeNull();
  });

  test('more than the disk takes is dropped, and what follows begins with a checkpoint after a gap', async () => {
    const { recorder, directory, problems, solved } = rig({ delays: { ...delays, flush: 60_000 } });
    for (const index of range(0, 20_000)) recorder.event(lost(index));
    await vi.waitFor(() => expect(problems).toMatchObject([{ code: 'recording.unwritable' }]));
    let next = 20_000;
    await vi.waitFor(() => {
      recorder.event(lost(next));
      next += 1;
      recorder.told(problem);
      expect(solved).toEqual(problems);
    }, 5000);
    await recorder.close();
    const headers = await headersIn(directory);
    expect(headers.map(({ segment }) => segment)).toEqual([0, 2]);
    expect(headers[1]?.lost).toBeGreaterThanOrEqual(3616);
    const kept = entriesOf(await read(directory)).filter(({ type }) => type === 'event');
    const told = entriesOf(await read(directory)).length - kept.length;
    expect(kept.length + told + (headers[1]?.lost ?? 0)).toBe(20_000 + 2 * (next - 20_000));
  });

  test('a checkpoint that fails is a problem, and no harm', async () => {
    const { recorder, problems } = rig({
      delays,
      limits: { maxSize: bytes(65_536), maxAge: hours(1) },
      checkpoint: () => {
        throw new Error('the machines are gone');
      },
    });
    for (const index of range(0, 10_000)) recorder.event({ ...lost(index), at: instant(Math.random()) });
    await vi.waitFor(() =>
      expect(problems).toMatchObject([{ message: 'what happens is not recorded: the machines are gone' }]),
    );
    await recorder.close();
  });
});

test('what is told right before the end is read back, whatever is being written then', async () => {
  for (const round of range(0, 40)) {
    const { recorder, directory } = rig({ delays: { flush: 0, incident: 0, retry: 1000 } });
    recorder.event(lost(1));
    recorder.told(problem);
    // Where it ends lies anywhere between the first and the last step of writing.
    while (!existsSync(directory)) await new Promise(setImmediate);
    for (const _ of range(0, round)) await new Promise(setImmediate);
    recorder.event(lost(2));
    await recorder.close();
    expect(entriesOf(await read(directory)).filter(({ type }) => type === 'event')).toEqual([1, 2].map(entryOf));
  }
});

test('after the end nothing is taken, and to end it again changes nothing', async () => {
  const { recorder, directory } = rig();
  recorder.event(lost(1));
  await recorder.close();
  recorder.event(lost(2));
  await recorder.close();
  expect(entriesOf(await read(directory))).toEqual([entryOf(1)]);
});
