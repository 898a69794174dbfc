import type { Config } from './config.ts';
import type { NodeEmission, NodeEvent } from './events.ts';
import type { Instant, Milliseconds } from './units.ts';

/** The version of the format that is written, and the only one that is read. */
export const recordingVersion = 1;

/** A delay of the machines that was running. */
export interface RunningTimer {
  /** The machines' timers are numbered from 1 in the order in which they are started. */
  readonly timer: number;
  /** The actor that gets the event when the delay is over, by its id: `node`, `interface.3`, `selection.ipv4`. */
  readonly actor: string;
  /** What names the delay within its actor, to cancel it by. */
  readonly id: string;
  readonly event: { readonly type: string };
  readonly startedAt: Instant;
  readonly delay: Milliseconds;
}

/** The delays of the machines as their clock knows them. */
export interface MachineTimers {
  /** Those that run, in the order in which they were started. */
  readonly running: readonly Pick<RunningTimer, 'timer' | 'startedAt' | 'delay'>[];
  /** The number of the latest that was started; 0 for none. */
  readonly lastTimer: number;
}

/** Where the machines stood at an instant: enough to go on from there. */
export interface Checkpoint {
  /** The persisted snapshot of the root actor with its children, as JSON can hold it. */
  readonly snapshot: unknown;
  readonly timers: readonly RunningTimer[];
  /** The number of the latest timer that was started. */
  readonly lastTimer: number;
}

/** What stands at the head of each segment of a recording. */
export interface RecordingHeader {
  /** The version of backhauld that wrote it. */
  readonly program: string;
  /** Digest of the statecharts: with other ones the same timers may not exist. */
  readonly machines: string;
  /**
   * Of the daemon's run that it belongs to; the segments of one run follow each other by `segment`, from 0. A number that
   * is left out: entries are missing there.
   */
  readonly run: string;
  readonly segment: number;
  /** Secrets concealed. */
  readonly config: Config;
  /** The same moment on both clocks; the wall time is ISO 8601 in UTC. */
  readonly at: Instant;
  readonly wallTime: string;
  /** Null: the machines had not been started. */
  readonly checkpoint: Checkpoint | null;
  /** How many entries could not be written between the segment before and this one; none where it is missing. */
  readonly lost?: number;
}

/** What entered the machines, and beside it what came of it, in the order in which it did. */
export type RecordingEntry =
  | { readonly type: 'event'; readonly event: NodeEvent }
  /** A delay of the machines was over. */
  | { readonly type: 'timer'; readonly at: Instant; readonly timer: number }
  /** The machines told something: by this a replay is compared, never driven. */
  | { readonly type: 'told'; readonly emission: NodeEmission }
  /** They wanted another network: the digest of what they wanted. */
  | { readonly type: 'wanted'; readonly at: Instant; readonly digest: string };
