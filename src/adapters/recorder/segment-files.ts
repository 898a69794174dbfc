import { constants, existsSync } from 'node:fs';
import { chmod, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import type { Problem } from '../../model/errors.ts';
import { bytes, hours, milliseconds, type Bytes, type Milliseconds } from '../../model/units.ts';
import { blockOf, firstLine } from './recording.format.ts';
import { excess, listSegments, segmentName, type Run } from './recordings.ts';

/** What all recordings together may be. */
export interface RecordingLimits {
  readonly maxSize: Bytes;
  readonly maxAge: Milliseconds;
}

const deflate = promisify<string, { level: number }, Buffer>(deflateRaw);

/** Of zlib: what a better one gains is not worth the time. */
const compression = { level: 4 };

const blockOfText = async (text: string): Promise<Buffer> => blockOf(await deflate(text, compression));

/** Into how many segments what may be kept is divided: so much is lost when the oldest is removed. */
const segmentsKept = 16;
/** A segment is started each day: each begins with a checkpoint, from which a replay is quick. */
const longestSegment = hours(24);

interface OpenSegment {
  readonly handle: FileHandle;
  readonly file: string;
  readonly startedAt: number;
  size: number;
  /** After a power cut it would be in the directory. */
  isEntered: boolean;
}

/**
 * The files of one run: segments with mode 0600 in a directory with mode 0700, of which one is open.
 *
 * INVARIANT: before anything is written there is room for it: the oldest closed segments are removed until all that is
 * in the directory, of whatever run, is within the limits. The open segment is never removed, an old one never opened.
 */
export class SegmentFiles {
  readonly #directory: string;
  readonly #limits: RecordingLimits;
  readonly #run: Run;
  #next = 0;
  #open: OpenSegment | null = null;
  /** What the closed ones have; looked up when a segment is started. */
  #closedBytes = 0;
  /** The header's block of the open one. */
  #headerBytes = 0;

  constructor(directory: string, limits: RecordingLimits, run: Run) {
    this.#directory = directory;
    this.#limits = limits;
    this.#run = run;
  }

  /** The number of the segment that is started next. */
  get next(): number {
    return this.#next;
  }

  /** Leaves out a number. */
  skip(): void {
    this.#next += 1;
  }

  /** The next one is due: by size, or because this one has lasted long enough. */
  get isFull(): boolean {
    if (this.#open === null) return false;
    // A long header is not written over and over.
    const most = Math.max(this.#limits.maxSize / segmentsKept, 4 * this.#headerBytes);
    return this.#open.size >= most || performance.now() - this.#open.startedAt >= this.#duration;
  }

  /** How long a segment lasts. */
  get #duration(): Milliseconds {
    return milliseconds(Math.min(longestSegment, this.#limits.maxAge / 8));
  }

  /** Ends the open segment and starts the next with its header. Rejects with the error of the file system. */
  async start(header: string): Promise<void> {
    await this.close();
    const headerBlock = await blockOfText(header);
    await makeDirectory(this.#directory);
    await this.#makeRoom(firstLine.length + headerBlock.length + this.#limits.maxSize / segmentsKept);
    const file = join(this.#directory, segmentName(this.#run, this.#next));
    // A file that is there already, or a link, is nobody's doing but an intruder's.
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(file, flags, 0o600);
    this.#next += 1;
    this.#headerBytes = headerBlock.length;
    this.#open = { handle, file, startedAt: performance.now(), size: 0, isEntered: false };
    await this.#write(Buffer.concat([firstLine, headerBlock]));
  }

  /** Writes a block with this text. Rejects with the error of the file system; then the segment is to be abandoned. */
  async append(text: string): Promise<void> {
    await this.#write(await blockOfText(text));
  }

  async #write(block: Buffer): Promise<void> {
    if (this.#open === null) throw new Error('no segment is open');
    const { size } = this.#open;
    if (size + block.length > this.#limits.maxSize) throw new Error('maxSize has no room for so much at once');
    if (this.#closedBytes + size + block.length > this.#limits.maxSize) await this.#makeRoom(size + block.length);
    let written = 0;
    while (written < block.length) {
      const { bytesWritten } = await this.#open.handle.write(block, written, block.length - written, size + written);
      written += bytesWritten;
    }
    this.#open.size += block.length;
  }

  /** Resolves when what was written is on the disk. */
  async sync(): Promise<void> {
    if (this.#open === null) return;
    await this.#open.handle.datasync();
    if (this.#open.isEntered) return;
    const directory = await open(this.#directory, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await directory.sync();
      this.#open.isEntered = true;
    } finally {
      await directory.close();
    }
  }

  async close(): Promise<void> {
    const ended = this.#open;
    this.#open = null;
    await ended?.handle.close();
  }

  /** Leaves a segment that could not be written to; what is there of the last block is cut off if that can be done. */
  async abandon(): Promise<void> {
    const left = this.#open;
    this.#open = null;
    if (left === null) return;
    await left.handle.truncate(left.size).catch(() => undefined);
    await left.handle.close().catch(() => undefined);
    if (left.size === 0) await rm(left.file, { force: true }).catch(() => undefined);
  }

  async #makeRoom(needed: number): Promise<void> {
    const closed = (await listSegments(this.#directory)).filter(({ file }) => file !== this.#open?.file);
    const gone = new Set(
      excess(closed, {
        bytes: bytes(Math.max(0, this.#limits.maxSize - needed)),
        // A segment's first entry is older than its last by as much as a segment lasts.
        age: milliseconds(this.#limits.maxAge - this.#duration),
        now: Date.now(),
      }),
    );
    for (const { file } of gone) await rm(file, { force: true });
    this.#closedBytes = closed.reduce((sum, segment) => (gone.has(segment) ? sum : sum + segment.bytes), 0);
  }
}

/** The mode is set afterwards, for the mask of the process is another while a socket is opened. */
async function makeDirectory(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  await makeDirectory(dirname(directory));
  // `recursive`, for somebody else may make it at the same time.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
}

/** The problem when nothing can be written. */
export const unwritable = (directory: string, why: string): Problem => ({
  code: 'recording.unwritable',
  subject: directory,
  message: `what happens is not recorded: ${why}`,
  remedy: 'give the state directory a writable place with free space; it is tried again each minute',
});
