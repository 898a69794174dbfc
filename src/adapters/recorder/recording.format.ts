/**
 * The format of a recording, version 1.
 *
 *     "backhauld recording 1\n"
 *     block: the header
 *     block: entries
 *     …
 *
 * A block is 12 bytes of head and a payload. Head, little-endian: length of the payload (4), CRC-32 of the payload (4),
 * CRC-32 of these eight bytes (4). The second sum tells a damaged length from a file that ends too early. Payload: raw
 * DEFLATE (RFC 1951) of UTF-8 text. The first block's text is one `RecordingHeader` as JSON; that of the others is one
 * `RecordingEntry` as JSON in each line. Blocks are appended in one piece, and never changed.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import type { NodeEmission, NodeEvent } from '../../model/events.ts';
import { recordingVersion, type RecordingEntry, type RecordingHeader } from '../../model/recording.ts';

const magic = 'backhauld recording ';

/** What each segment begins with. */
export const firstLine: Buffer = Buffer.from(`${magic}${recordingVersion}\n`, 'latin1');

/** Enough of a file to read its first line, whatever the version. */
export const longestFirstLine = 32;

/** The version that a file says it has; null for what is no recording. */
export function versionOf(start: Buffer): string | null {
  return /^backhauld recording (\d{1,9})\n/u.exec(start.toString('latin1', 0, longestFirstLine))?.[1] ?? null;
}

export const headLength = 12;

/** A longer payload is never written: a head that asks for one is damaged. */
const longestPayload = 32 * 1024 * 1024;

/** What a payload may unfold to, in bytes. */
const longestText = 256 * 1024 * 1024;

/** Makes a block of a deflated payload. */
export function blockOf(payload: Buffer): Buffer {
  const head = Buffer.alloc(headLength);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  head.writeUInt32LE(crc32(head.subarray(0, 8)), 8);
  return Buffer.concat([head, payload]);
}

export interface BlockHead {
  readonly length: number;
  readonly sum: number;
}

/** Reads the head of a block; null for one that is damaged. */
export function readHead(bytes: Buffer): BlockHead | null {
  const length = bytes.readUInt32LE(0);
  const isSound = bytes.readUInt32LE(8) === crc32(bytes.subarray(0, 8)) && length <= longestPayload;
  return isSound ? { length, sum: bytes.readUInt32LE(4) } : null;
}

/** The text of a block; null for one that is damaged. */
export function textOf(payload: Buffer, { sum }: BlockHead): string | null {
  if (crc32(payload) !== sum) return null;
  try {
    return inflateRawSync(payload, { maxOutputLength: longestText }).toString('utf8');
  } catch {
    return null;
  }
}

/** Reads the text of the first block; null for what is no header. */
export function parseHeader(text: string): RecordingHeader | null {
  const header = parsed(text);
  return isHeader(header) ? header : null;
}

function isHeader(header: unknown): header is RecordingHeader {
  if (!isObject(header)) return false;
  const { program, machines, run, segment, config, at, wallTime, checkpoint } = header;
  return (
    [program, machines, run, wallTime].every((each) => typeof each === 'string') &&
    Number.isSafeInteger(segment) &&
    isObject(config) &&
    isInstant(at) &&
    (checkpoint === null || (isObject(checkpoint) && Array.isArray(checkpoint['timers'])))
  );
}

export interface ParsedEntries {
  readonly entries: readonly RecordingEntry[];
  /** How many there were of each kind that this version does not know; they are left out. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** Reads the text of a later block; null for what is no list of entries. */
export function parseEntries(text: string): ParsedEntries | null {
  const entries: RecordingEntry[] = [];
  const unknown = new Map<string, number>();
  for (const line of text.split('\n')) {
    const entry = parsed(line);
    if (!isObject(entry) || typeof entry['type'] !== 'string') return null;
    const kind = unknownKind(entry);
    if (kind !== null) unknown.set(kind, (unknown.get(kind) ?? 0) + 1);
    else if (isEntry(entry)) entries.push(entry);
    else return null;
  }
  return { entries, unknown };
}

const eventTypes: Readonly<Record<NodeEvent['type'], true>> = {
  'interface.found': true,
  'interface.changed': true,
  'interface.lost': true,
  'network.observed': true,
  'probe.finished': true,
  'probe.answeredLate': true,
  'target.blamed': true,
  'target.cleared': true,
  'uplink.remembered': true,
  'node.resumed': true,
  'uplink.suspected': true,
  'operation.failed': true,
  'operation.recovered': true,
  'command.pin': true,
  'command.unpin': true,
  'radio.changed': true,
  'hotspot.opened': true,
  'hotspot.failed': true,
  'hotspot.closed': true,
  'hotspot.clients': true,
  'hotspot.remembered': true,
  'command.hotspot': true,
  'command.rotateKey': true,
  'lease.remembered': true,
  'lease.bound': true,
  'lease.lost': true,
  'lease.failed': true,
  'budget.changed': true,
  'power.changed': true,
};

const emissionTypes: Readonly<Record<NodeEmission['type'], true>> = {
  switch: true,
  state: true,
  hotspot: true,
  tether: true,
  budget: true,
  problem: true,
  'problem.solved': true,
};

/** What an entry is, where this version does not know it: `event probe.imagined`. */
function unknownKind({ type, event, emission }: Fields): string | null {
  if (type === 'event') return kindWithin('event', event, eventTypes);
  if (type === 'told') return kindWithin('told', emission, emissionTypes);
  return type === 'timer' || type === 'wanted' ? null : String(type).slice(0, 80);
}

function kindWithin(entry: string, inner: unknown, known: Readonly<Record<string, true>>): string | null {
  if (!isObject(inner) || typeof inner['type'] !== 'string') return null;
  return Object.hasOwn(known, inner['type']) ? null : `${entry} ${inner['type'].slice(0, 80)}`;
}

/** Whether an entry of a known kind has what all of its kind have. The sums vouch for the rest. */
function isEntry(entry: Fields): entry is Fields & RecordingEntry {
  const { type, at, timer, digest, event, emission } = entry;
  if (type === 'event') return isTimed(event);
  if (type === 'told') return isTimed(emission);
  if (!isInstant(at)) return false;
  return type === 'timer' ? Number.isSafeInteger(timer) : typeof digest === 'string';
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isInstant = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const isTimed = (value: unknown): boolean =>
  isObject(value) && typeof value['type'] === 'string' && isInstant(value['at']);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
