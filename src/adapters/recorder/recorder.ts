/**
 * The flight recorder: writes down everything that enters the machines.
 *
 * What is told to it is only put in a row; it is made text, compressed and written later, in slices, without blocking.
 * On the disk it is each minute, or when 64 KiB wait; within a second after a switch or a problem, and then it is synced
 * too, so that an incident outlives a power cut.
 *
 * INVARIANTS: A segment begins with where the machines stand when its first entry is put in the row. Within a segment no
 * entry is missing: where one had to be dropped, the next one is in another segment.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { NodeEmission, NodeEvent } from '../../model/events.ts';
import type { NetworkIntent } from '../../model/network.ts';
import type { Checkpoint, RecordingHeader } from '../../model/recording.ts';
import type { Instant } from '../../model/units.ts';
import type { SystemClock } from '../clock.ts';
import { concealedJson } from '../log/conceal.ts';
import { Alarm } from './alarm.ts';
import { EntryText, type LateEntry } from './entry-text.ts';
import { SegmentFiles, unwritable, type RecordingLimits } from './segment-files.ts';

export interface RecorderOptions {
  /** Where the segments lie. */
  readonly directory: string;
  readonly limits: RecordingLimits;
  /** The version of backhauld and the digest of the statecharts; asked for when they are written. */
  readonly about: () => Pick<RecordingHeader, 'program' | 'machines'>;
  readonly config: Config;
  readonly clock: Pick<SystemClock, 'now' | 'wallTime'>;
  /** Where the machines stand now; called between two events only. */
  readonly checkpoint: () => Checkpoint;
  /** What stands for a network that was wanted. */
  readonly digest: (network: NetworkIntent) => string;
  /** Told once when it cannot write, and not again before it could. */
  readonly onProblem: (problem: Problem) => void;
  readonly onSolved: (problem: Problem) => void;
  /** Milliseconds; shorter in tests. */
  readonly delays?: { readonly flush: number; readonly incident: number; readonly retry: number };
}

/** Each returns at once; nothing throws. */
export interface Recorder {
  /** Before the event is sent to the machines. */
  event(event: NodeEvent): void;
  /** Before what the delay was for happens. */
  timer(timer: number, at: Instant): void;
  told(emission: NodeEmission): void;
  wanted(network: NetworkIntent, at: Instant): void;
  /** Writes what is left. Resolves after 2 s at the latest, whatever the disk does. */
  close(): Promise<void>;
}

/** A header before it is written. */
type EarlyHeader = Omit<RecordingHeader, 'segment' | 'program' | 'machines'>;

/** What waits in the row. */
type Waiting = LateEntry | { readonly type: 'segment'; readonly header: EarlyHeader };

const usualDelays = { flush: 60_000, incident: 1000, retry: 60_000 };
/** Entries that are made text in one go: well under a millisecond. */
const slice = 64;
/** So many wait to be made text at most before it is begun. */
const handful = 256;
/** So many wait at most when the disk does not keep up: some ten megabytes. */
const mostWaiting = 16_384;
/** Text that makes a block, in characters. */
const blockLength = 65_536;
/** How long the end may take, in milliseconds. */
const longestClose = 2000;

/** Starts a recording. The machines have not been started. */
export function createRecorder(options: RecorderOptions): Recorder {
  return new FlightRecorder(options);
}

class FlightRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #delays: Required<RecorderOptions>['delays'];
  readonly #run: string;
  readonly #files: SegmentFiles;
  #waiting: Waiting[] = [];
  /** To become the next block. */
  readonly #text: EntryText;
  /** Entries that were taken and are not on the disk. */
  #unwritten = 0;
  /** Nothing is taken before there is a new segment for it. */
  #hasGap = false;
  #lost = 0;
  #isSegmentWaiting = true;
  #problem: Problem | null = null;
  readonly #alarm = new Alarm(() => void this.#flush());
  #isFlushDue = false;
  #isSyncDue = false;
  #writing: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: RecorderOptions) {
    const { directory, limits, clock, digest } = options;
    this.#options = options;
    this.#delays = options.delays ?? usualDelays;
    this.#text = new EntryText(digest);
    this.#run = randomBytes(4).toString('hex');
    this.#files = new SegmentFiles(directory, limits, { startedAt: clock.wallTime(clock.now()), run: this.#run });
    this.#waiting.push({ type: 'segment', header: this.#header(null) });
  }

  event(event: NodeEvent): void {
    this.#put({ type: 'event', event });
  }

  timer(timer: number, at: Instant): void {
    this.#put({ type: 'timer', at, timer });
  }

  told(emission: NodeEmission): void {
    this.#put({ type: 'told', emission });
    if (emission.type !== 'switch' && emission.type !== 'problem') return;
    this.#isSyncDue = true;
    this.#alarm.setIn(this.#delays.incident);
  }

  wanted(network: NetworkIntent, at: Instant): void {
    this.#put({ type: 'network', at, network });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm.clear();
    this.#isSyncDue = true;
    const patience = Promise.withResolvers<void>();
    const handle = setTimeout(patience.resolve, longestClose);
    await Promise.race([this.#flush().then(async () => this.#files.close().catch(() => undefined)), patience.promise]);
    clearTimeout(handle);
  }

  #put(entry: Waiting): void {
    if (this.#isClosed) return;
    if (!this.#hasGap && this.#waiting.length >= mostWaiting) this.#stopTaking('the disk does not keep up');
    if (this.#hasGap) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(entry);
    this.#unwritten += 1;
    if (!this.#alarm.isSet) this.#alarm.setIn(this.#delays.flush);
    if (this.#waiting.length === handful) setImmediate(() => void this.#write());
  }

  /** Resolves when everything that waits now has been written, or could not be. */
  async #flush(): Promise<void> {
    this.#isFlushDue = true;
    // What is being written may be past its end; then somebody else may have begun the next.
    while (this.#isFlushDue || this.#writing !== null) await this.#write();
  }

  /** One at a time; who comes later waits for the same. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeWaiting()
      .catch(async (error: unknown) => this.#fail(error))
      .finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    if (this.#hasGap && this.#waiting.length === 0) this.#startSegment();
    while (this.#waiting.length > 0) {
      for (const each of this.#waiting.splice(0, slice)) {
        if (each.type === 'segment') await this.#beginSegment(each.header);
        else this.#text.add(each);
      }
      if (this.#text.length >= blockLength) await this.#writeBlock();
      else if (this.#waiting.length > 0) await nextTurn();
      if (this.#files.isFull && !this.#isSegmentWaiting) this.#startSegment();
    }
    if (this.#isFlushDue) await this.#writeRest();
    if (this.#hasGap || (this.#files.isFull && !this.#isSegmentWaiting)) this.#startSegment();
  }

  async #writeRest(): Promise<void> {
    const isSyncDue = this.#isSyncDue;
    this.#isFlushDue = false;
    this.#isSyncDue = false;
    await this.#writeBlock();
    if (isSyncDue) await this.#files.sync();
  }

  async #writeBlock(): Promise<void> {
    const { entries, text } = this.#text.take();
    if (entries === 0) return;
    await this.#files.append(text);
    this.#unwritten -= entries;
  }

  /** Puts a new segment in the row, with where the machines stand now. */
  #startSegment(): void {
    // At the end the machines have been stopped: they stand nowhere.
    if (this.#isClosed || (this.#hasGap && this.#waiting.length > 0)) return;
    this.#waiting.push({ type: 'segment', header: this.#header(this.#options.checkpoint()) });
    this.#isSegmentWaiting = true;
    this.#hasGap = false;
  }

  #header(checkpoint: Checkpoint | null): EarlyHeader {
    const { config, clock } = this.#options;
    const at = clock.now();
    const lost = this.#lost > 0 ? { lost: this.#lost } : {};
    return { run: this.#run, config, at, wallTime: clock.wallTime(at), checkpoint, ...lost };
  }

  async #beginSegment(header: EarlyHeader): Promise<void> {
    await this.#writeBlock();
    // A number is left out where entries are: what follows does not go on from what was before.
    if (header.lost !== undefined) this.#files.skip();
    await this.#files.start(concealedJson({ ...this.#options.about(), ...header, segment: this.#files.next }));
    this.#lost -= header.lost ?? 0;
    this.#isSegmentWaiting = false;
    // A gap that began meanwhile is not over by this segment.
    if (this.#problem === null || this.#hasGap) return;
    this.#options.onSolved(this.#problem);
    this.#problem = null;
  }

  /** What waits is lost. It is tried again later, with a new segment; whatever happens, the daemon goes on. */
  async #fail(error: unknown): Promise<void> {
    this.#stopTaking(error instanceof Error ? error.message : String(error));
    this.#lost += this.#unwritten;
    this.#unwritten = 0;
    this.#waiting = [];
    this.#isSegmentWaiting = false;
    this.#text.take();
    this.#isFlushDue = false;
    this.#isSyncDue = false;
    await this.#files.abandon();
    if (!this.#isClosed) this.#alarm.setIn(this.#delays.retry);
  }

  #stopTaking(why: string): void {
    this.#hasGap = true;
    if (this.#problem !== null) return;
    const problem = unwritable(this.#options.directory, why);
    this.#problem = problem;
    // The machines may be in the middle of an event.
    queueMicrotask(() => this.#options.onProblem(problem));
  }
}
