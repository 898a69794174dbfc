import type { StallConfig } from '../model/config.ts';
import type { Signal } from '../model/events.ts';
import type { Traffic } from './ports.ts';

export type TrafficSignal = Extract<Signal, 'stalled' | 'thinned' | 'dnsSilent'>;

/** A name server that takes longer has not answered; resolvers try the next after 5 s (resolv.conf(5)). In milliseconds. */
const dnsPatience = 1500;
/** The share of answers to packets is compared over as long, in milliseconds, if as many packets left in it. */
const shareWindow = 1000;
const shareMinSent = 100;
/** What is left of the usual share when traffic counts as thinned. */
const thinShare = 0.85;
/** How many windows make a share usual, and how fast it follows. */
const usualAfter = 5;
const learning = 0.2;
/** Suspicions that prove false come rarer and rarer, until there has been none for a while. In milliseconds. */
const firstPatience = 2000;
const longestPatience = 5 * 60_000;
const calmAfter = 60_000;

/** A counter that should have moved along with another, and has not. */
class Silence {
  #since: number | null = null;
  #asked = 0;

  /** `before`: when it was looked at last, for the first question may have been asked right after. */
  note(before: number, asked: number, answered: number): void {
    if (answered > 0) {
      this.#since = null;
      this.#asked = 0;
    } else if (asked > 0) {
      this.#since ??= before;
      this.#asked += asked;
    }
  }

  lasts(at: number, duration: number, least: number): boolean {
    return this.#since !== null && at - this.#since >= duration && this.#asked >= least;
  }
}

/** What share of the packets that left was answered, beside what is usual. */
class AnswerShare {
  #since: number | null = null;
  #sent = 0;
  #received = 0;
  #usual = 0;
  #windows = 0;

  /** Whether much less comes back than is usual. */
  note(before: number, at: number, sent: number, received: number): boolean {
    this.#since ??= before;
    this.#sent += sent;
    this.#received += received;
    if (at - this.#since < shareWindow) return false;
    const isTelling = this.#sent >= shareMinSent;
    const share = this.#received / this.#sent;
    this.#since = at;
    this.#sent = 0;
    this.#received = 0;
    if (!isTelling) return false;
    const isThin = this.#windows >= usualAfter && share < thinShare * this.#usual;
    this.#usual = this.#windows === 0 ? share : this.#usual + learning * (share - this.#usual);
    this.#windows += 1;
    return isThin;
  }
}

/**
 * Judges the counters of one uplink and family, each time they are read (HLTH-6):
 *
 * - `stalled`: for `stall.window` nothing has come back while at least `stall.minSent` packets left;
 * - `thinned`: over a second of steady traffic much less came back than usually does;
 * - `dnsSilent`: name servers were asked and have not answered for 1.5 s.
 *
 * A stream that only ever goes one way looks the same as a stall: each suspicion doubles the time to the next, from 2 s
 * to 5 min, and a minute without any ends that.
 */
export class TrafficSuspicion {
  readonly #config: StallConfig;
  readonly #traffic = new Silence();
  readonly #dns = new Silence();
  readonly #share = new AnswerShare();
  #last: Traffic | null = null;
  #readAt = 0;
  #patience = firstPatience;
  #notBefore = -Infinity;
  #suspectedAt = -Infinity;

  constructor(config: StallConfig) {
    this.#config = config;
  }

  /** Takes in what the counters say at an instant; what there is to suspect, null for nothing. */
  note(at: number, traffic: Traffic): TrafficSignal | null {
    const last = this.#last;
    const before = this.#readAt;
    this.#last = traffic;
    this.#readAt = at;
    // Counters that were set back (a new table, a wrap) tell nothing of the time since.
    if (last === null || hasGoneBack(last, traffic)) return null;
    const sent = traffic.sent - last.sent;
    const received = traffic.received - last.received;
    this.#traffic.note(before, sent, received);
    this.#dns.note(before, traffic.dnsAsked - last.dnsAsked, traffic.dnsAnswered - last.dnsAnswered);
    const isThin = this.#share.note(before, at, sent, received);
    return this.#voice(at, this.#suspicion(at, isThin));
  }

  #suspicion(at: number, isThin: boolean): TrafficSignal | null {
    if (this.#traffic.lasts(at, this.#config.window, this.#config.minSent)) return 'stalled';
    if (this.#dns.lasts(at, dnsPatience, 1)) return 'dnsSilent';
    return isThin ? 'thinned' : null;
  }

  #voice(at: number, signal: TrafficSignal | null): TrafficSignal | null {
    if (signal === null) return null;
    if (at - this.#suspectedAt > calmAfter) this.#patience = firstPatience;
    this.#suspectedAt = at;
    if (at < this.#notBefore) return null;
    this.#notBefore = at + this.#patience;
    this.#patience = Math.min(longestPatience, 2 * this.#patience);
    return signal;
  }
}

const hasGoneBack = (before: Traffic, after: Traffic): boolean =>
  after.sent < before.sent ||
  after.received < before.received ||
  after.dnsAsked < before.dnsAsked ||
  after.dnsAnswered < before.dnsAnswered;
