/**
 * The directory of recordings. A run of the daemon is a row of segments; their names sort by the start of the run, the
 * run, and the segment: `20261105T101112123Z-1a2b3c4d-000000.recording`.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes, Milliseconds } from '../../model/units.ts';

/** What names a run. */
export interface Run {
  /** When it began, by the wall clock: ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly run: string;
}

/** A segment as it lies in the directory. */
export interface Segment {
  readonly file: string;
  readonly run: string;
  readonly segment: number;
  readonly bytes: number;
  /** When it was written to last, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** The name of a segment's file. */
export const segmentName = ({ startedAt, run }: Run, segment: number): string =>
  `${startedAt.replaceAll(/[-:.]/gu, '')}-${run}-${String(segment).padStart(6, '0')}.recording`;

/** What a file's name tells; null for the name of something else. */
export function parseSegmentName(name: string): Pick<Segment, 'run' | 'segment'> | null {
  const [, run, segment] = /^\d{8}T\d{9}Z-([0-9a-f]{8})-(\d{6,})\.recording$/u.exec(name) ?? [];
  return run === undefined || segment === undefined ? null : { run, segment: Number(segment) };
}

/**
 * All segments in a directory, the oldest first. What else lies there is left out; what vanishes meanwhile too.
 *
 * @throws the error of the file system when the directory cannot be read.
 */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(directory)).toSorted()) {
    const named = parseSegmentName(name);
    const file = join(directory, name);
    const found = named === null ? null : await stat(file).catch(() => null);
    if (named === null || found === null || !found.isFile()) continue;
    segments.push({ file, ...named, bytes: found.size, writtenAt: found.mtimeMs });
  }
  return segments;
}

export interface Room {
  /** What all segments may have together. */
  readonly bytes: Bytes;
  /** How long ago a segment may have been written to last. */
  readonly age: Milliseconds;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
}

/** A clock that shows less has never been set: it tells no age. */
const earliestTime = Date.UTC(2024, 0, 1);

/** Which segments have to go: those that are too old, and then the oldest until the rest has room. */
export function excess(segments: readonly Segment[], { bytes, age, now }: Room): readonly Segment[] {
  const isOld = ({ writtenAt }: Segment): boolean => writtenAt >= earliestTime && now - writtenAt > age;
  const gone = segments.filter(isOld);
  const left = segments.filter((segment) => !isOld(segment));
  let sum = left.reduce((total, segment) => total + segment.bytes, 0);
  for (const segment of left) {
    if (sum <= bytes) break;
    gone.push(segment);
    sum -= segment.bytes;
  }
  return gone;
}
