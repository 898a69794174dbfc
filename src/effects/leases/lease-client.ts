import type { SchedulerLike, Subscription } from 'rxjs';
import type { Problem } from '../../model/errors.ts';
import type { NodeEvent } from '../../model/events.ts';
import { holdingTime, type Lease, type LeaseIntent, type LeaseLoss } from '../../model/lease.ts';
import { instant, milliseconds, seconds } from '../../model/units.ts';
import type { DhcpClient, DhcpNews, DhcpTarget } from '../ports.ts';

/** A client that has ended, or that has come to nothing, is started again after so many milliseconds; doubled each time. */
const firstWait = 100;
const longestWait = 30_000;
/** A renewal that brings nothing is asked for again after so many milliseconds at least. */
const shortestWait = 500;
/** After so many endings in a row someone is told. */
const endingsBeforeNews = 3;
/** A server that refuses, or that grants what is of no use, is asked again after so long at least. */
const politeness = seconds(5);
/** udhcpc takes shorter leases for ones of two minutes, and would renew them too late: they are renewed for it. */
const shortLease = seconds(122);

export interface LeaseClientOptions {
  readonly target: DhcpTarget;
  /** The clock of time-outs and of the leases themselves. It stands still while the machine is asleep. */
  readonly scheduler: SchedulerLike;
  readonly onEvent: (event: LeaseEvent) => void;
  /** Part of a lease is of no use; the same again is told again. */
  readonly onLeftOut: (problem: Problem) => void;
}

export type LeaseEvent = Extract<NodeEvent, { type: 'lease.bound' | 'lease.lost' | 'lease.failed' }>;

/**
 * Holds the lease of one interface.
 *
 * INVARIANTS
 * - At most one client is heard; a new one is started only when the one before is told to end.
 * - What is held is held until its time is over, the server refuses it, or it is given up: not because a client ended, or
 *   because it is asked for anew.
 * - Each asking fails at most once for want of an answer, and for each other reason once.
 */
export class LeaseClient {
  readonly #options: LeaseClientOptions;
  #intent: LeaseIntent;
  #client: DhcpClient | null = null;
  #isGranted = false;
  #held: Lease | null = null;
  #lastAddress: string | null = null;
  #endings = 0;
  #setbacks = 0;
  #told = new Set<string>();
  readonly #stopping = new Set<Promise<void>>();
  #patience: Subscription | undefined;
  #restart: Subscription | undefined;
  #renewal: Subscription | undefined;
  #expiry: Subscription | undefined;

  constructor(intent: LeaseIntent, remembered: Lease | null, options: LeaseClientOptions) {
    this.#options = options;
    this.#intent = intent;
    if (remembered !== null) this.#hold(remembered);
    this.#ask();
  }

  /** What is wanted now. A higher number or another name: it is asked for anew at once, by a DISCOVER to whoever is there. */
  want(intent: LeaseIntent): void {
    const isAnew = intent.request > this.#intent.request || intent.name !== this.#intent.name;
    this.#intent = intent;
    if (isAnew) this.#ask();
  }

  /** Gives the lease up, tells the server so, and ends. */
  async close(): Promise<void> {
    const client = this.#client;
    const isHeld = this.#held !== null;
    this.#client = null;
    this.#held = null;
    for (const timer of [this.#patience, this.#restart, this.#renewal, this.#expiry]) timer?.unsubscribe();
    this.#stop(client, isHeld && this.#isGranted);
    await Promise.all(this.#stopping);
  }

  #stop(client: DhcpClient | null, release: boolean): void {
    if (client === null) return;
    const stop = client.stop(release);
    this.#stopping.add(stop);
    void stop.then(() => this.#stopping.delete(stop));
  }

  #ask(): void {
    this.#endings = 0;
    this.#setbacks = 0;
    this.#told = new Set();
    this.#arm();
    this.#begin();
  }

  /** An answer is waited for from now on. */
  #arm(): void {
    this.#patience?.unsubscribe();
    const { name, timeout } = this.#intent;
    this.#patience = this.#options.scheduler.schedule(() => {
      this.#fail({
        code: 'lease.none',
        subject: name,
        message: `no DHCP server on ${name} has granted a lease within ${timeout / 1000} s`,
        remedy: 'it is asked for further on; see whether the device shares its connection',
      });
    }, timeout);
  }

  #begin(): void {
    this.#restart?.unsubscribe();
    this.#renewal?.unsubscribe();
    this.#stop(this.#client, false);
    this.#isGranted = false;
    const { index, name } = this.#intent;
    const client = this.#options.target.start({ index, name, wanted: this.#lastAddress }, (news) => {
      if (this.#client === client) this.#hear(news);
    });
    this.#client = client;
  }

  #hear(news: DhcpNews): void {
    switch (news.type) {
      case 'granted':
        this.#patience?.unsubscribe();
        this.#endings = 0;
        this.#setbacks = 0;
        this.#told = new Set();
        this.#isGranted = true;
        this.#sayLeftOut(news.leftOut);
        this.#hold(news.lease);
        this.#options.onEvent({ type: 'lease.bound', index: this.#intent.index, lease: news.lease, at: this.#now() });
        return;
      case 'managed':
        // Nobody was asked, so nobody has failed to answer.
        this.#patience?.unsubscribe();
        this.#fail(news.problem);
        this.#beginIn(Math.max(politeness, this.#nextWait(this.#setbacks++)));
        return;
      case 'unusable':
        this.#fail(news.problem);
        this.#beginIn(Math.max(politeness, this.#nextWait(this.#setbacks++)));
        return;
      case 'refused': {
        // What another client has got before is no matter of this refusal.
        if (this.#isGranted) this.#lose('refused');
        this.#lastAddress = null;
        // The first refusal is the ordinary one, of an address of another network: to ask at once is what helps.
        const wait = this.#setbacks === 0 ? 0 : Math.max(politeness, this.#nextWait(this.#setbacks));
        this.#setbacks += 1;
        this.#beginIn(wait);
        return;
      }
      case 'empty':
        // Said at the start too, when nothing was granted yet; and by one that is asked to renew a second time before an
        // answer: it begins anew, and what it was granted holds as long as was said.
        if (this.#isGranted && !this.#isRenewedForClient()) this.#lose('expired');
        this.#isGranted = false;
        return;
      case 'ended':
        this.#client = null;
        this.#isGranted = false;
        this.#endings += 1;
        if (news.problem.code === 'tool.missing' || this.#endings >= endingsBeforeNews) this.#sayEnded(news.problem);
        this.#beginIn(this.#nextWait(this.#endings - 1));
        return;
      default:
        news satisfies never;
    }
  }

  #sayEnded(problem: Problem): void {
    const isNews = this.#fail(problem);
    // The lease itself holds: it is for others to tell how long.
    if (isNews && this.#held !== null) {
      const { index } = this.#intent;
      this.#options.onEvent({ type: 'lease.lost', index, because: 'clientEnded', at: this.#now() });
    }
  }

  #hold(lease: Lease): void {
    this.#held = lease;
    this.#lastAddress = lease.address;
    this.#expiry?.unsubscribe();
    this.#renewal?.unsubscribe();
    const { duration } = lease;
    const held = holdingTime(lease);
    if (duration === null || held === null) return;
    const { scheduler } = this.#options;
    // Timers of the platform fire at once when asked for more than 2³¹ ms: the client tells of such leases itself.
    if (held < 2 ** 31) this.#expiry = scheduler.schedule(() => this.#expire(), held);
    if (this.#isRenewedForClient()) this.#renewIn(duration / 2);
  }

  #isRenewedForClient(): boolean {
    const duration = this.#held?.duration ?? null;
    return duration !== null && duration < shortLease;
  }

  /** Until it is granted: the first answer may be lost. */
  #renewIn(wait: number): void {
    this.#renewal = this.#options.scheduler.schedule(() => {
      // One that has begun anew is asking.
      if (this.#isGranted) this.#client?.renew();
      this.#renewIn(Math.max(shortestWait, wait / 2));
    }, wait);
  }

  #expire(): void {
    this.#lose('expired');
    if (this.#isGranted) this.#begin();
  }

  #lose(because: LeaseLoss): void {
    if (this.#held === null) return;
    this.#held = null;
    this.#expiry?.unsubscribe();
    this.#renewal?.unsubscribe();
    this.#options.onEvent({ type: 'lease.lost', index: this.#intent.index, because, at: this.#now() });
    this.#arm();
  }

  /** False when it was told before in this asking. */
  #fail(problem: Problem): boolean {
    const key = `${problem.code} ${problem.message}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    this.#options.onEvent({ type: 'lease.failed', index: this.#intent.index, problem, at: this.#now() });
    return true;
  }

  #sayLeftOut(leftOut: readonly string[]): void {
    if (leftOut.length === 0) return;
    const { name } = this.#intent;
    this.#options.onLeftOut({
      code: 'lease.invalid',
      subject: name,
      message: `of the lease of ${name} this is of no use, and left out: ${leftOut.join(', ')}`,
      remedy: 'correct the DHCP server of that network',
    });
  }

  #beginIn(wait: number): void {
    this.#restart?.unsubscribe();
    this.#restart = this.#options.scheduler.schedule(() => this.#begin(), wait);
  }

  #nextWait = (times: number): number => milliseconds(Math.min(longestWait, firstWait * 2 ** times));

  #now = (): ReturnType<typeof instant> => instant(this.#options.scheduler.now());
}
