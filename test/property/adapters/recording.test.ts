import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  array,
  asyncProperty,
  check,
  constantFrom,
  double,
  integer,
  nat,
  option,
  property,
  record,
  string,
  uint8Array,
  type Arbitrary,
  oneof,
} from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readRecording, type RecordedItem } from '../../../src/adapters/recorder/read-recording.ts';
import { createRecorder } from '../../../src/adapters/recorder/recorder.ts';
import { excess, type Segment } from '../../../src/adapters/recorder/recordings.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { families } from '../../../src/model/family.ts';
import { noNetwork } from '../../../src/model/network.ts';
import type { RecordingEntry, RecordingHeader } from '../../../src/model/recording.ts';
import { bytes, hours, instant, megabytes, milliseconds, type Instant } from '../../../src/model/units.ts';
import { segmentOf } from '../../fakes/write-recording.ts';

const home = mkdtempSync(join(tmpdir(), 'backhauld-recording-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let count = 0;
const place = (): string => join(home, String((count += 1)));

/** Any instant, down to the last digit. JSON has no word for a zero below zero, and no clock shows one. */
const at: Arbitrary<Instant> = double({ min: 0, max: 1e9, noNaN: true }).map((value) => instant(value + 0));
const text = string({ unit: 'grapheme' });

const sample = record({
  target: text,
  rtt: option(double({ min: 0.001, max: 5000, noNaN: true }).map(milliseconds)),
  failure: constantFrom(null, 'timeout', 'refused'),
  retransmitted: constantFrom(true, false),
});
const round = record({
  id: nat(),
  startedAt: at,
  cause: constantFrom('interval', 'burst'),
  samples: array(sample, { minLength: 1, maxLength: 3 }),
});
const event = oneof(
  record({ type: constantFrom('interface.lost'), index: nat(), at }),
  record({ type: constantFrom('command.pin'), name: text, at }),
  record({
    type: constantFrom('probe.finished'),
    index: nat(),
    family: constantFrom(...families),
    path: text,
    round,
    at,
  }),
);
const entry: Arbitrary<RecordingEntry> = oneof(
  record({ type: constantFrom('event'), event }),
  record({ type: constantFrom('timer'), at, timer: nat() }),
  record({
    type: constantFrom('told'),
    emission: record({
      type: constantFrom('problem', 'problem.solved'),
      problem: record({ code: constantFrom('kernel.refused', 'tool.failed'), message: text }),
      at,
    }),
  }),
  record({ type: constantFrom('wanted'), at, digest: constantFrom('digest') }),
);

const header: RecordingHeader = {
  program: '0.1.0',
  machines: '1234abcd',
  run: '0a1b2c3d',
  segment: 0,
  config: defaultConfig,
  at: instant(0),
  wallTime: '2026-11-05T10:11:12.123Z',
  checkpoint: null,
};

async function read(path: string): Promise<readonly RecordedItem[]> {
  const items: RecordedItem[] = [];
  for await (const item of readRecording(path)) items.push(item);
  return items;
}

const entriesOf = (items: readonly RecordedItem[]): readonly RecordingEntry[] =>
  items.flatMap((item) => (item.type === 'entries' ? item.entries : []));

const isPrefix = (part: readonly RecordingEntry[], whole: readonly RecordingEntry[]): boolean =>
  JSON.stringify(part) === JSON.stringify(whole.slice(0, part.length));

test('whatever is recorded is read back to the last digit', async () => {
  const holds = asyncProperty(array(entry, { maxLength: 400 }), async (entries) => {
    const directory = place();
    const recorder = createRecorder({
      directory,
      limits: { maxSize: megabytes(50), maxAge: hours(24) },
      about: () => ({ program: '0.1.0', machines: '1234abcd' }),
      config: defaultConfig,
      clock: { now: () => instant(1), wallTime: () => '2026-11-05T10:11:12.123Z' },
      checkpoint: () => ({ snapshot: null, timers: [], lastTimer: 0 }),
      digest: () => 'digest',
      onProblem: (problem) => expect(problem).toBeNull(),
      onSolved: () => {},
    });
    for (const each of entries) {
      if (each.type === 'event') recorder.event(each.event);
      else if (each.type === 'timer') recorder.timer(each.timer, each.at);
      else if (each.type === 'told') recorder.told(each.emission);
      else recorder.wanted(noNetwork, each.at);
    }
    await recorder.close();
    expect(entriesOf(await read(directory))).toEqual(entries);
  });
  expect(await check(holds, { numRuns: 60 })).toHaveProperty('counterexample', null);
});

/** Whether reading ended early, for one of these reasons, at or before a byte. */
const isCut = (item: RecordedItem | undefined, codes: readonly string[], latest: number): boolean =>
  item?.type === 'cut' && codes.includes(item.problem.code) && item.at <= latest;

const segments = array(entry, { minLength: 1, maxLength: 40 }).chain((entries) =>
  integer({ min: 1, max: 12 }).map((inBlock) => ({ entries, inBlock, whole: segmentOf(header, entries, inBlock) })),
);

test('of a recording that is cut anywhere, all whole blocks are read, and it says where the rest began', async () => {
  const holds = asyncProperty(segments, nat(), async ({ entries, inBlock, whole }, cutAt) => {
    const file = place();
    const length = cutAt % whole.length;
    writeFileSync(file, whole.subarray(0, length));
    const items = await read(file);
    const last = items.at(-1);
    const found = entriesOf(items);
    if (!isPrefix(found, entries)) return false;
    // Cut between two blocks it is a shorter recording, as good as any.
    const sound = segmentOf(header, found, inBlock).length;
    const isSound = items[0]?.type === 'segment' && sound === length;
    const isEarlyEnd =
      isCut(last, ['recording.cut'], length) && (found.length === 0 || (last?.type === 'cut' && last.at === sound));
    return isSound ? last?.type !== 'cut' : isEarlyEnd;
  });
  expect(await check(holds, { numRuns: 300 })).toHaveProperty('counterexample', null);
});

test('a bit that is flipped anywhere is noticed, and no entry is read other than it was written', async () => {
  const holds = asyncProperty(segments, nat(), async ({ entries, whole }, chosen) => {
    const file = place();
    const bit = chosen % (whole.length * 8);
    const bytesRead = Buffer.from(whole);
    bytesRead[bit >> 3] = (bytesRead[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(file, bytesRead);
    const items = await read(file);
    const last = items.at(-1);
    return isPrefix(entriesOf(items), entries) && isCut(last, ['recording.damaged', 'recording.version'], bit >> 3);
  });
  expect(await check(holds, { numRuns: 500 })).toHaveProperty('counterexample', null);
});

test('no bytes upset the reader, at the beginning of a file or within one', async () => {
  const holds = asyncProperty(uint8Array({ maxLength: 300 }), constantFrom(0, 22, 400), async (noise, kept) => {
    const file = place();
    const opening = segmentOf(header, []).subarray(0, kept);
    writeFileSync(file, Buffer.concat([opening, noise]));
    const items = await read(file);
    expect(entriesOf(items)).toEqual([]);
    expect(items.filter(({ type }) => type === 'cut')).toHaveLength(1);
  });
  expect(await check(holds, { numRuns: 300 })).toHaveProperty('counterexample', null);
});

test('what may stay is within the size and the age, and nothing goes that could have stayed', () => {
  const now = Date.UTC(2026, 10, 5);
  const day = hours(24);
  const existing = array(record({ size: nat(5), age: nat(day) }), { maxLength: 30 }).map((files) =>
    files
      .toSorted((a, b) => b.age - a.age)
      .map(
        ({ size, age }, segment): Segment => ({
          file: String(segment),
          run: '0a1b2c3d',
          segment,
          bytes: size,
          writtenAt: now - age,
        }),
      ),
  );
  const holds = property(existing, nat(50), nat(day), (files, size, age) => {
    const gone = new Set(excess(files, { bytes: bytes(size), age: milliseconds(age), now }));
    const left = files.filter((file) => !gone.has(file));
    const sum = (some: readonly Segment[]) => some.reduce((total, segment) => total + segment.bytes, 0);
    const isYoung = ({ writtenAt }: Segment) => now - writtenAt <= age;
    expect(sum(left)).toBeLessThanOrEqual(size);
    expect(left.every(isYoung)).toBe(true);
    // The oldest go first: what is left is the end of the row, and the one before it would have been too much.
    expect(left).toEqual(files.slice(files.length - left.length));
    const before = files[files.length - left.length - 1];
    const wouldHaveStayed = before !== undefined && isYoung(before) && sum([before, ...left]) <= size;
    expect(wouldHaveStayed).toBe(false);
  });
  expect(check(holds, { numRuns: 500 })).toHaveProperty('counterexample', null);
});

test('a clock that was never set tells no age, and one that is ahead neither', () => {
  const at = (writtenAt: number): Segment => ({ file: String(writtenAt), run: '', segment: 0, bytes: 1, writtenAt });
  const room = { bytes: bytes(100), age: hours(1), now: Date.UTC(2026, 10, 5) };
  expect(excess([at(5000), at(Date.UTC(2040, 0, 1))], room)).toEqual([]);
});
