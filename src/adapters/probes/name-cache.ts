import type { LookupOutcome } from './name-lookup.ts';

interface Entry {
  readonly address: string;
  readonly freshUntil: number;
  readonly validUntil: number;
}

/** A name server may say seconds, or years: within these limits, in milliseconds, it is believed. */
const shortest = 60_000;
const longest = 3_600_000;
/** Asked anew when so much of the time has passed, beside the probe: it need not wait. */
const freshShare = 0.8;

export type Cached = { readonly address: string; readonly isFresh: boolean } | null;

/** Addresses of names as each uplink's name servers gave them. */
export class NameCache {
  readonly #entries = new Map<string, Entry>();

  get(key: string, now: number): Cached {
    const entry = this.#entries.get(key);
    if (entry === undefined || now >= entry.validUntil) return null;
    return { address: entry.address, isFresh: now < entry.freshUntil };
  }

  /** Takes a good answer in. One that failed changes nothing: what is known holds for as long as it was said to. */
  note(key: string, outcome: LookupOutcome, now: number): void {
    if (!outcome.ok) return;
    const holds = Math.min(longest, Math.max(shortest, outcome.timeToLive * 1000));
    this.#forgetOld(now);
    this.#entries.set(key, { address: outcome.address, freshUntil: now + freshShare * holds, validUntil: now + holds });
  }

  #forgetOld(now: number): void {
    for (const [key, { validUntil }] of this.#entries) if (now >= validUntil) this.#entries.delete(key);
  }
}
