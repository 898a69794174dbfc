import { readFileSync } from 'node:fs';
import type { Lab } from '../../lab/lab.ts';
import type { Meter } from '../../lab/meter.ts';
import { families, type Family, type PerFamily } from '../../src/model/family.ts';
import type { Course } from './course.ts';
import { patienceOf, type Variant } from './variant.ts';

/** How long the traffic may stand still with a good uplink at hand: always, and when the daemon has to mend something. */
const stillness = { smooth: 300, rough: 1500 } as const;
/** A NIC that reports a lost carrier late is found out by reading it. */
const lateness = 300;
/** So long an uplink has to be good for the daemon to know it for sure: one probe of it and its time-out. */
const knownAfter = 8000;
/** A silence of less is none. */
const flowing = 250;
/** From one datagram to the next: enough of them for the daemon to see that traffic flows. */
const intervalMs = 4;

/** Someone who talks by IPv4 and someone who talks by IPv6, all the time, and how long they may have to wait. In ms. */
export class Traffic {
  readonly #course: Course;
  readonly #variant: Variant;
  readonly #daemonPid: () => number;
  #meters: PerFamily<Meter> | null = null;
  #starved = 0;
  readonly #carrying = new Map<Family, string | null>();

  constructor(course: Course, variant: Variant, daemonPid: () => number) {
    this.#course = course;
    this.#variant = variant;
    this.#daemonPid = daemonPid;
  }

  async start(lab: Lab): Promise<void> {
    this.#meters = {
      ipv4: await lab.meter({ family: 'ipv4', intervalMs }),
      ipv6: await lab.meter({ family: 'ipv6', intervalMs }),
    };
  }

  /** To be called when a step has happened: what the daemon has to wait for from now on is not its fault. */
  begins(): void {
    this.#starved = runDelay(this.#daemonPid());
  }

  /** How long the daemon has waited for a processor since then. */
  get starvation(): number {
    return this.#course.isDaemonThere ? Math.max(0, runDelay(this.#daemonPid()) - this.#starved) : 0;
  }

  /** By which uplink the answers came when last looked at, as the lab calls it; null: by none. */
  carrier(family: Family): string | null {
    return this.#carrying.get(family) ?? null;
  }

  /** How long the traffic of a family may stand still in the world as it is; null: for ever. */
  budget(family: Family): number | null {
    const course = this.#course;
    const good = course.goodSince(family);
    if (good === null) return null;
    const unnoticed = course.unnoticed(family);
    // Who can ask nobody finds nothing out.
    if (unnoticed > 0 && !course.hasTargets(family)) return null;
    const patience = patienceOf(this.#variant);
    const isKnown = good < course.quietSince - knownAfter && !course.wasEndedSince(good);
    const dead = course.isBlind ? Math.max(patience.dead, patience.alive) : patience.dead;
    const recovery = isKnown || !course.hasTargets(family) ? 0 : patience.alive;
    const still = (course.isRough ? stillness.rough : stillness.smooth) + (this.#variant.isNicLike ? lateness : 0);
    return still + recovery + unnoticed * dead + 1.5 * this.starvation;
  }

  /** `isFlowing`: for every family that is owed it. */
  async look(): Promise<{ readonly isFlowing: boolean; readonly complaints: readonly string[] }> {
    let isFlowing = true;
    const complaints: string[] = [];
    for (const family of families) {
      const budget = this.budget(family);
      const ms = await this.#silence(family);
      if (budget === null) continue;
      if (ms > flowing) isFlowing = false;
      if (ms <= budget) continue;
      complaints.push(`${family} traffic stands still for ${Math.round(ms)} ms, of ${Math.round(budget)} at most`);
    }
    return { isFlowing, complaints };
  }

  /** The longest time without an answer since the last look, as far as the world has been the same. */
  async #silence(family: Family): Promise<number> {
    const meter = this.#meters?.[family];
    if (meter === undefined) throw new Error('no meter was started');
    const { silentMs, recentMs, uplink } = await meter.peek();
    const since = performance.now() - this.#course.quietSince;
    const silent = silentMs < 0 ? Infinity : silentMs;
    this.#carrying.set(family, silent < flowing ? uplink : null);
    return Math.min(Math.max(silent, recentMs), since);
  }
}

/** How long the process has waited for a processor so far, in milliseconds (kernel: Documentation/scheduler/sched-stats.rst). */
function runDelay(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
