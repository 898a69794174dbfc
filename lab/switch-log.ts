import type { SeenSwitch } from '../src/commands/watch/extra.ts';
import { families } from '../src/model/family.ts';
import type { Status } from '../src/model/status.ts';
import type { MeterReport } from './meter.ts';

interface Sample {
  readonly atMs: number;
  readonly lost: number;
  readonly recentMs: number;
}

/** After a datagram is sent it takes a second until it counts as lost. */
const settledAfterMs = 1300;
/** A switch is seen at most this long after the traffic has moved. */
const seenWithinMs = 1000;

interface Entry {
  readonly seen: SeenSwitch;
  readonly atMs: number;
}

/** The switches that were seen in the daemon's status, each with what the traffic went through at that time. */
export class SwitchLog {
  #before: Status | null = null;
  #entries: readonly Entry[] = [];
  #samples: readonly Sample[] = [];

  /** Newest first. */
  get switches(): readonly SeenSwitch[] {
    return this.#entries.map(({ seen }) => seen);
  }

  /** Takes in a status and what the meter said at the same time. */
  take(status: Status | null, report: MeterReport, now: Date): void {
    this.#samples = [...this.#samples, report].slice(-1000);
    if (status !== null) {
      const found = families.flatMap((family) => {
        const after = status.active[family];
        const before = this.#before?.active[family] ?? null;
        if (this.#before === null || after?.iface === before?.iface) return [];
        const from = before?.iface ?? null;
        const to = after?.iface ?? null;
        const rule = after?.rule ?? 'usable';
        const because = after?.because ?? 'no usable uplink is left';
        return [{ seen: { at: now, family, from, to, rule, because }, atMs: report.atMs }];
      });
      this.#before = status;
      this.#entries = [...found.toReversed(), ...this.#entries].slice(0, 100);
    }
    this.#entries = this.#entries.map((entry) =>
      report.atMs - entry.atMs < settledAfterMs + seenWithinMs ? this.#measured(entry) : entry,
    );
  }

  /** The traffic is IPv4: a switch of the other family costs it nothing. */
  #measured({ seen, atMs }: Entry): Entry {
    if (seen.family !== 'ipv4') return { seen, atMs };
    const around = this.#samples.filter((s) => s.atMs >= atMs - seenWithinMs && s.atMs <= atMs + settledAfterMs);
    const outageMs = Math.max(0, ...around.map(({ recentMs }) => recentMs));
    const began = atMs - seenWithinMs - outageMs;
    const lostBefore = this.#samples.findLast((sample) => sample.atMs < began)?.lost ?? this.#samples[0]?.lost ?? 0;
    const lost = Math.max(0, (around.at(-1)?.lost ?? lostBefore) - lostBefore);
    return { seen: { ...seen, outageMs, lost }, atMs };
  }
}
