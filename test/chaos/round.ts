import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLab, type Lab } from '../../lab/lab.ts';
import { compareSnapshots, snapshotNetwork } from '../../lab/network-snapshot.ts';
import { families, type Family } from '../../src/model/family.ts';
import type { Status } from '../../src/model/status.ts';
import { dice as diceOf } from '../fakes/dice.ts';
import { plans } from './cables.ts';
import { Course } from './course.ts';
import type { Fault, FaultKind } from './fault.ts';
import { applied, isPossible } from './faults.ts';
import { drawSteps, type Step } from './generator.ts';
import {
  checkAgreement,
  checkDaemon,
  checkForeign,
  checkLeftovers,
  checkMended,
  checkRecording,
  newLogLines,
  type LogPosition,
} from './invariants.ts';
import { mending } from './mending.ts';
import { RankedTableWatch } from './ranked-table.watch.ts';
import { Rig } from './rig.ts';
import { Traffic } from './traffic.ts';
import { drawVariant, type Variant } from './variant.ts';
import { initialWorld, slots, uplinkOf } from './world.ts';

export interface RoundOptions {
  readonly seed: number;
  readonly steps: number;
  /** Which of the steps are taken; all where nothing is said. */
  readonly only?: ReadonlySet<number>;
  /** Where a failed round's recordings, log and configuration go. */
  readonly keep: string;
  readonly say: (line: string) => void;
  readonly endBy: number;
}

export interface RoundResult {
  readonly seed: number;
  readonly variant: Variant;
  readonly steps: number;
  readonly seconds: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** What was not as it must be; null when all was. */
  readonly violation: string | null;
}

/** What is drawn of a seed: no clock and no chance besides has a say. */
export function draw(seed: number, steps: number): { readonly variant: Variant; readonly steps: readonly Step[] } {
  const dice = diceOf(seed);
  return { variant: drawVariant(dice), steps: drawSteps(dice, steps) };
}

/** The daemon may have to be told of something new for so long, in milliseconds. */
const newsGrace = 2000;
/** From one look at the traffic to the next. */
const pace = 50;

class Violation extends Error {
  override readonly name = 'Violation';
}

/** One life of a lab: built, tormented, mended, and given back. */
export async function playRound(options: RoundOptions): Promise<RoundResult> {
  const began = performance.now();
  const { variant, steps } = draw(options.seed, options.steps);
  const lab = await createLab({ uplinks: plans, dhcp: 'none', nicLike: variant.isNicLike });
  const round = new Round(lab, variant, options);
  const result = (violation: string | null): RoundResult => {
    const seconds = (performance.now() - began) / 1000;
    return { seed: options.seed, variant, steps: round.taken, seconds, faults: round.faults, violation };
  };
  try {
    await round.play(steps);
    return result(null);
  } catch (error) {
    await round.keepFiles().catch(() => undefined);
    const said = error instanceof Violation ? error.message : error instanceof Error ? error.stack : String(error);
    return result(said ?? 'unknown');
  } finally {
    await round.end();
    await lab.close();
  }
}

class Round {
  readonly #lab: Lab;
  readonly #variant: Variant;
  readonly #options: RoundOptions;
  readonly #rig: Rig;
  readonly #course: Course;
  readonly #watches: RankedTableWatch[] = [];
  readonly #traffic: Traffic;
  #violation: string | null = null;
  #logPosition: LogPosition = { offset: 0 };
  #settings: readonly string[] = [];
  readonly faults = new Map<FaultKind, number>();
  taken = 0;

  constructor(lab: Lab, variant: Variant, options: RoundOptions) {
    this.#lab = lab;
    this.#variant = variant;
    this.#options = options;
    this.#course = new Course(initialWorld);
    this.#rig = new Rig(lab, variant, {
      away: (why) => this.#course.away(why),
      back: () => this.#course.back(),
      ended: async (politely) => this.#ended(politely),
    });
    this.#traffic = new Traffic(this.#course, variant, () => this.#rig.daemon.pid);
  }

  async play(steps: readonly Step[]): Promise<void> {
    const rig = this.#rig;
    for (const slot of slots) await rig.cables.configure(uplinkOf(initialWorld, slot));
    const before = await snapshotNetwork(this.#lab.node);
    this.#settings = before.filter((line) => line.startsWith('net.'));
    await rig.start();
    await this.#traffic.start(this.#lab);
    for (const family of families) this.#watches.push(this.#watch(family));
    await this.#flows('at the start');
    for (const [number, step] of steps.entries()) {
      if (performance.now() > this.#options.endBy) break;
      if (this.#options.only === undefined || this.#options.only.has(number)) await this.#take(number, step);
    }
    await this.#finish(before);
  }

  async #take(number: number, step: Step): Promise<void> {
    this.#options.say(`  ${number}: ${JSON.stringify(step)}`);
    for (const fault of step.faults) {
      if (!isPossible(this.#course.world, fault)) continue;
      await this.#perform(fault);
    }
    await this.#rig.settled();
    await this.#flows(`step ${number}`);
    await this.#hold(step.holdMs, `step ${number}`);
    await this.#agrees(`step ${number}`);
    await this.#checkObjects(`step ${number}`);
    this.taken += 1;
  }

  async #perform(fault: Fault): Promise<void> {
    this.faults.set(fault.kind, (this.faults.get(fault.kind) ?? 0) + 1);
    const before = this.#course.world;
    const after = applied(before, fault);
    this.#course.begins(fault, after);
    await this.#rig.perform(fault, before, after);
    this.#course.happened(fault, after);
  }

  #fail(message: string): never {
    throw new Violation(message);
  }

  #watch(family: Family): RankedTableWatch {
    let emptySince: number | null = null;
    return new RankedTableWatch(this.#lab.node, family, (defaults) => {
      const now = performance.now();
      if (defaults > 0) {
        emptySince = null;
        return;
      }
      emptySince ??= now;
      const due = this.#course.rankedSince(family, newsGrace + this.#traffic.starvation);
      if (due === null || emptySince < due) {
        // It was empty for a reason; the reason may be gone by now.
        if (due !== null && now - due > newsGrace) this.#note(`${family}: no default in the ranked table for too long`);
        return;
      }
      this.#note(`${family}: the ranked table has no default although an uplink works all the time`);
    });
  }

  #note(violation: string): void {
    this.#violation ??= violation;
  }

  /** Resolves when the traffic of every family that has a good uplink flows; fails when it takes too long. */
  async #flows(where: string): Promise<void> {
    this.#traffic.begins();
    for (;;) {
      const isFlowing = await this.#look(where);
      if (isFlowing) return;
      await sleep(pace);
    }
  }

  async #look(where: string): Promise<boolean> {
    const { isFlowing, complaints } = await this.#traffic.look();
    if (complaints.length > 0) this.#fail(`${where}: ${complaints.join('\n')}`);
    if (this.#violation !== null) this.#fail(`${where}: ${this.#violation}`);
    if (!this.#rig.daemon.isRunning) this.#fail(`${where}: the daemon has ended\n${this.#rig.daemon.lastLines}`);
    return isFlowing;
  }

  async #hold(forMs: number, where: string): Promise<void> {
    const until = performance.now() + forMs;
    do {
      await this.#look(where);
      await sleep(pace);
    } while (performance.now() < until);
  }

  /** The plan is empty, and the status says of the kernel what the traffic shows. */
  async #agrees(where: string): Promise<void> {
    const deadline = performance.now() + 10_000 + this.#traffic.starvation;
    for (;;) {
      const [status, plan] = await Promise.all([this.#status(where), this.#rig.daemon.plan()]);
      const table = await this.#rig.rankedTable();
      if (table !== null) for (const watch of this.#watches) watch.follow(table);
      await this.#look(where);
      const differs = checkAgreement({
        status,
        plan,
        hasTable: table !== null,
        world: this.#course.world,
        traffic: this.#traffic,
      });
      if (differs.length === 0) return;
      if (performance.now() > deadline) this.#fail(`${where}: ${differs.join('\n')}`);
      await sleep(pace);
    }
  }

  async #status(where: string): Promise<Status> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#rig.daemon.status();
      } catch (error) {
        if (attempt > 3 || !this.#rig.daemon.isRunning) this.#fail(`${where}: no status: ${String(error)}`);
        await sleep(500);
      }
    }
  }

  async #checkObjects(where: string): Promise<void> {
    const found = [
      ...(await checkForeign(this.#lab.node, this.#course.world)),
      ...checkDaemon(this.#rig.daemon.pid),
      ...this.#logged(),
    ];
    if (found.length > 0) this.#fail(`${where}: ${found.join('\n')}`);
  }

  #logged(): readonly string[] {
    const { lines, position } = newLogLines(this.#rig.daemon.logFile, this.#logPosition);
    this.#logPosition = position;
    return lines;
  }

  /** After each end of the daemon. */
  async #ended(politely: boolean): Promise<void> {
    const left = politely ? await checkLeftovers(this.#lab.node, this.#rig, this.#settings, this.#course.world) : [];
    const replayed = await checkRecording(this.#rig);
    const found = [...left, ...replayed];
    if (found.length > 0) this.#note(`after the ${politely ? 'end' : 'kill'}: ${found.join('\n')}`);
  }

  /** Everything is mended, and the network is given back as it was found. */
  async #finish(before: readonly string[]): Promise<void> {
    for (const fault of mending(this.#course.world)) await this.#perform(fault);
    await this.#rig.settled();
    await this.#flows('mended');
    const deadline = performance.now() + 45_000;
    for (;;) {
      const status = await this.#status('mended');
      const found = checkMended(status, this.#variant);
      await this.#look('mended');
      if (found.length === 0) break;
      if (performance.now() > deadline) this.#fail(`mended, and still: ${found.join('\n')}`);
      await sleep(250);
    }
    await this.#agrees('mended');
    await this.#checkObjects('mended');
    await this.#rig.stop();
    if (this.#violation !== null) this.#fail(this.#violation);
    const { missing, additional } = compareSnapshots(lasting(before), lasting(await snapshotNetwork(this.#lab.node)));
    const changes = [...missing.map((line) => `- ${line}`), ...additional.map((line) => `+ ${line}`)];
    if (changes.length > 0) this.#fail(`given back, and different from before:\n${changes.join('\n')}`);
  }

  async keepFiles(): Promise<void> {
    const { keep } = this.#options;
    mkdirSync(keep, { recursive: true });
    // What is recorded is written once a second.
    const status = await this.#rig.daemon.status().catch(() => null);
    await this.#rig.daemon.stop(30_000);
    cpSync(this.#rig.home, keep, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    writeFileSync(join(keep, 'status.json'), JSON.stringify(status, null, 2));
    writeFileSync(join(keep, 'world.json'), JSON.stringify(this.#course.world, null, 2));
    writeFileSync(join(keep, 'network.txt'), (await snapshotNetwork(this.#lab.node)).join('\n'));
  }

  async end(): Promise<void> {
    await this.#rig.settled().catch(() => undefined);
    await this.#rig.daemon.stop(5000).catch(() => undefined);
    await Promise.all(this.#watches.map(async (watch) => watch.close()));
  }
}

/** Without what an interface that was made anew has anew: its index, and the addresses that follow from its MAC. */
const lasting = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => (/\bfe80::/u.test(line) ? [] : line.replace(/^address \d+: /u, 'address ')));

const sleep = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
