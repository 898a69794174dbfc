import { createActor, type Subscription } from 'xstate';
import { restoreActor, type NodeActor } from '../../src/inspection/checkpoint.ts';
import { machinesDigest, networkDigest } from '../../src/inspection/digest.ts';
import { VirtualTimers } from '../../src/inspection/virtual-timers.ts';
import { nodeMachine } from '../../src/machines/node/node.machine.ts';
import { defaultConfig, type Config } from '../../src/model/config.ts';
import type { NodeEvent } from '../../src/model/events.ts';
import type { Checkpoint, RecordingEntry, RecordingHeader } from '../../src/model/recording.ts';
import { instant, later, milliseconds, type Instant } from '../../src/model/units.ts';

type Unless<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** An event before it has its instant. */
export type TimelessEvent = Unless<NodeEvent, 'at'>;

export interface RecordedNodeOptions {
  readonly config?: Config;
  readonly now?: Instant;
  /** Where it goes on from; the machines start anew where there is none. */
  readonly checkpoint?: Checkpoint;
  /** Gets each entry in place of `entries`. */
  readonly onEntry?: (entry: RecordingEntry) => void;
}

/** The machines in time that passes when told to, with everything written down that a recorder would. */
export class RecordedNode {
  readonly config: Config;
  readonly clock: VirtualTimers;
  readonly actor: NodeActor;
  readonly entries: RecordingEntry[] = [];
  readonly #onEntry: (entry: RecordingEntry) => void;
  readonly #subscriptions: readonly Subscription[];

  constructor({ config = defaultConfig, now = instant(0), checkpoint, onEntry }: RecordedNodeOptions = {}) {
    this.config = config;
    this.#onEntry = onEntry ?? ((entry) => void this.entries.push(entry));
    this.clock = new VirtualTimers(now);
    this.actor =
      checkpoint === undefined
        ? createActor(nodeMachine, { input: { config }, clock: this.clock }).start()
        : restoreActor({ recorded: config, config }, checkpoint, this.clock);
    let { network } = this.context.intent;
    this.#subscriptions = [
      this.actor.on('*', (emission) => this.#onEntry({ type: 'told', emission })),
      this.actor.subscribe({
        next: ({ context }) => {
          if (context.intent.network === network) return;
          ({ network } = context.intent);
          this.#onEntry({ type: 'wanted', at: context.now, digest: networkDigest(network) });
        },
        error: () => {},
      }),
    ];
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  /** The head of a segment that begins now. */
  header(checkpoint: Checkpoint | null = null, segment = 0): RecordingHeader {
    const wallTime = new Date(Date.UTC(2026, 0, 1) + this.clock.now).toISOString();
    const { config } = this;
    return {
      program: '0.0.0',
      machines: machinesDigest(),
      run: '0badcafe',
      segment,
      config,
      at: this.clock.now,
      wallTime,
      checkpoint,
    };
  }

  send(event: TimelessEvent): void {
    const timed = { ...event, at: this.clock.now };
    this.#onEntry({ type: 'event', event: timed });
    this.actor.send(timed);
  }

  /** Lets time pass, with every timer that is due meanwhile fired at its own instant. */
  pass(duration: number): void {
    const end = later(this.clock.now, milliseconds(duration));
    for (let due = this.clock.nextDueAt; due !== null && due <= end; due = this.clock.nextDueAt) {
      this.clock.moveTo(due);
      this.fire(this.clock.running.find(({ dueAt }) => dueAt === due)?.timer ?? 0);
    }
    this.clock.moveTo(end);
  }

  /** Lets time pass while nothing is looked at, as in a process that stands still: timers are due, and do not fire. */
  stall(duration: number): void {
    this.clock.moveTo(later(this.clock.now, milliseconds(duration)));
  }

  /** Fires a timer now, whenever it is due. */
  fire(timer: number): void {
    this.#onEntry({ type: 'timer', at: this.clock.now, timer });
    this.clock.fire(timer);
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.actor.stop();
  }
}
