/**
 * Reads recordings, block by block: never more than one block is in memory, however long the recording is.
 */
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Problem } from '../../model/errors.ts';
import { recordingVersion, type RecordingEntry, type RecordingHeader } from '../../model/recording.ts';
import {
  firstLine,
  headLength,
  longestFirstLine,
  parseEntries,
  parseHeader,
  readHead,
  textOf,
  versionOf,
  type BlockHead,
} from './recording.format.ts';
import { listSegments, parseSegmentName } from './recordings.ts';

/** What is found in a recording, one after the other. */
export type RecordedItem =
  /** A segment begins. Where its number does not follow, entries are missing; its checkpoint says how things stand then. */
  | { readonly type: 'segment'; readonly file: string; readonly header: RecordingHeader }
  /** The entries of one block, in order; never none. */
  | { readonly type: 'entries'; readonly entries: readonly RecordingEntry[] }
  /** Entries of kinds that this version does not know were left out: how many of each. */
  | { readonly type: 'skipped'; readonly file: string; readonly kinds: ReadonlyMap<string, number> }
  /**
   * The rest of this segment cannot be read, from byte `at` on: all items of it before this are as they were written.
   * The next segment has a checkpoint to go on from.
   */
  | { readonly type: 'cut'; readonly file: string; readonly at: number; readonly problem: Problem };

/**
 * Reads a recording: a segment and those that follow it in its run, or of a directory the latest run.
 *
 * Nothing is thrown: what cannot be read is an item. A recording that cannot be read at all is one `cut` at byte 0
 * (`recording.unreadable`, `recording.version`, `recording.damaged`, `recording.cut`).
 */
export async function* readRecording(path: string): AsyncGenerator<RecordedItem, void, undefined> {
  const files = await filesOf(path).catch((error: unknown) => unreadable(path, error));
  if ('code' in files) {
    yield { type: 'cut', file: path, at: 0, problem: files };
    return;
  }
  for (const file of files) {
    const end = yield* readSegment(file);
    if (end !== null) yield { type: 'cut', file, ...end };
  }
}

async function filesOf(path: string): Promise<readonly string[] | Problem> {
  if ((await stat(path)).isDirectory()) {
    const segments = await listSegments(path);
    const files = segments.filter(({ run }) => run === segments.at(-1)?.run).map(({ file }) => file);
    if (files.length > 0) return files;
    return { code: 'recording.unreadable', subject: path, message: 'there is no recording in it' };
  }
  const named = parseSegmentName(basename(path));
  if (named === null) return [path];
  const later = (await listSegments(dirname(path)).catch(() => [])).filter(
    ({ run, segment }) => run === named.run && segment > named.segment,
  );
  return [path].concat(later.map(({ file }) => file));
}

/** Why a segment ends before its end, and where. */
interface EarlyEnd {
  readonly at: number;
  readonly problem: Problem;
}

async function* readSegment(file: string): AsyncGenerator<RecordedItem, EarlyEnd | null, undefined> {
  const place = { at: 0 };
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for who writes to it.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const problem = yield* readBlocks(handle, file, place);
    return problem === null ? null : { ...place, problem };
  } catch (error) {
    return { ...place, problem: unreadable(file, error) };
  } finally {
    await handle?.close();
  }
}

/** Reads block by block; `place.at` is where the current one begins. Returns what stands in the way of the rest. */
async function* readBlocks(
  handle: FileHandle,
  file: string,
  place: { at: number },
): AsyncGenerator<RecordedItem, Problem | null, undefined> {
  if (!(await handle.stat()).isFile()) {
    return { code: 'recording.unreadable', subject: file, message: 'is no regular file' };
  }
  const problem = problemOfStart(file, await readAt(handle, 0, longestFirstLine));
  if (problem !== null) return problem;
  place.at = firstLine.length;
  let hasHeader = false;
  let bytes = await readAt(handle, place.at, headLength);
  // That nothing more comes is the end that is hoped for, but not before the header.
  while (bytes.length > 0 || !hasHeader) {
    const { at } = place;
    const head = bytes.length < headLength ? null : readHead(bytes);
    if (head === null) return (await isTorn(handle, at, bytes)) ? torn(file, at) : damaged(file, at);
    // The next head comes along with the payload.
    const body = await readAt(handle, at + headLength, head.length + headLength);
    if (body.length < head.length) return torn(file, at);
    const items = itemsOf(file, hasHeader, body.subarray(0, head.length), head);
    if (items === null) return damaged(file, at);
    yield* items;
    hasHeader = true;
    place.at += headLength + head.length;
    bytes = body.subarray(head.length);
  }
  return null;
}

/** What is in a block; null when it is damaged. */
function itemsOf(file: string, hasHeader: boolean, payload: Buffer, head: BlockHead): readonly RecordedItem[] | null {
  const text = textOf(payload, head);
  if (text === null) return null;
  if (!hasHeader) {
    const header = parseHeader(text);
    return header === null ? null : [{ type: 'segment', file, header }];
  }
  const read = parseEntries(text);
  if (read === null) return null;
  const { entries, unknown: kinds } = read;
  return [
    ...(entries.length > 0 ? [{ type: 'entries', entries } as const] : []),
    ...(kinds.size > 0 ? [{ type: 'skipped', file, kinds } as const] : []),
  ];
}

/** A power cut leaves a part of a head, or zeros where its data never reached the disk. Everything else is damage. */
async function isTorn(handle: FileHandle, at: number, bytes: Buffer): Promise<boolean> {
  return bytes.length < headLength || (await readAt(handle, at, 65_536)).every((byte) => byte === 0);
}

function problemOfStart(file: string, start: Buffer): Problem | null {
  const version = versionOf(start);
  if (version === String(recordingVersion)) return null;
  if (version !== null) {
    const message = `has version ${version}; this program reads version ${recordingVersion}`;
    return { code: 'recording.version', subject: file, message, remedy: 'use the version of backhauld that wrote it' };
  }
  // What a power cut right after its beginning leaves.
  if (firstLine.subarray(0, start.length).equals(start)) return torn(file, 0);
  return { code: 'recording.damaged', subject: file, message: 'is no recording, or its first line is damaged' };
}

const torn = (file: string, at: number): Problem => ({
  code: 'recording.cut',
  subject: file,
  message: at === 0 ? 'ends before anything was recorded' : `ends in the middle of a block, at byte ${at}`,
});

const damaged = (file: string, at: number): Problem => ({
  code: 'recording.damaged',
  subject: file,
  message: `is damaged at byte ${at}: the rest of this segment cannot be read`,
});

const unreadable = (path: string, error: unknown): Problem => ({
  code: 'recording.unreadable',
  subject: path,
  message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
});

/** Reads `length` bytes, or what there is of them. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
