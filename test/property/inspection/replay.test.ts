import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointOf } from '../../../src/inspection/checkpoint.ts';
import { Replay, type Outcome, type ReplayOptions } from '../../../src/inspection/replay.ts';
import type { RecordingEntry, RecordingHeader } from '../../../src/model/recording.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { steps, type Step } from './steps.ts';

interface Segment {
  readonly header: RecordingHeader;
  readonly entries: readonly RecordingEntry[];
}

/** A recording in segments of some steps each, after it has been in files. */
function recordingOf(all: readonly Step[], stepsEach: number): readonly Segment[] {
  const node = new RecordedNode();
  const segments: Segment[] = [];
  for (let from = 0; from < all.length; from += stepsEach) {
    const header = node.header(from === 0 ? null : checkpointOf(node.actor, node.clock), segments.length);
    for (const take of all.slice(from, from + stepsEach)) take(node);
    segments.push({ header, entries: node.entries.splice(0) });
  }
  return JSON.parse(JSON.stringify(segments)) as readonly Segment[];
}

/** What comes of a replay. */
function outcomesOf(segments: readonly Segment[], options: ReplayOptions = {}): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  const replay = new Replay({ ...options, onOutcome: (outcome) => outcomes.push(outcome) });
  for (const { header, entries } of segments) {
    replay.enter(header);
    for (const entry of entries) replay.feed(entry);
  }
  replay.stop();
  return outcomes;
}

/** What came of it then. */
const recordedOutcomes = (segments: readonly Segment[]): readonly RecordingEntry[] =>
  segments.flatMap(({ entries }) => entries.filter(({ type }) => type === 'told' || type === 'wanted'));

test('API-5: whatever happens, a replay of the recording comes to the same decisions, switch for switch', () => {
  fc.assert(
    fc.property(steps(50), fc.integer({ min: 5, max: 60 }), (all, stepsEach) => {
      const segments = recordingOf(all, stepsEach);
      expect(outcomesOf(segments)).toEqual(recordedOutcomes(segments));
    }),
    { numRuns: 40 },
  );
});

test('API-5: a replay that begins in the middle comes to the same decisions from there on', () => {
  fc.assert(
    fc.property(steps(50), fc.integer({ min: 5, max: 20 }), fc.nat({ max: 10 }), (all, stepsEach, missing) => {
      const segments = recordingOf(all, stepsEach);
      const rest = segments.toSpliced(missing % segments.length, 1);
      expect(outcomesOf(rest)).toEqual(recordedOutcomes(rest));
    }),
    { numRuns: 40 },
  );
});

test('timers that were never late fire by time as they fired then', () => {
  const isPunctual = (entry: RecordingEntry, dueAt: ReadonlyMap<number, number>): boolean =>
    entry.type !== 'timer' || dueAt.get(entry.timer) === entry.at;
  fc.assert(
    fc.property(steps(50), (all) => {
      const dueAt = new Map<number, number>();
      const note: Step = ({ clock }) => clock.running.forEach((timer) => dueAt.set(timer.timer, timer.dueAt));
      const segments = recordingOf(
        all.flatMap((take) => [take, note]),
        100,
      );
      fc.pre(segments.every(({ entries }) => entries.every((entry) => isPunctual(entry, dueAt))));
      expect(outcomesOf(segments, { mode: 'byTime' })).toEqual(recordedOutcomes(segments));
    }),
    { numRuns: 25 },
  );
});
