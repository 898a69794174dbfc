/** Tokens that are good for the hotspot's key once, and for a short time: they can be said aloud and sent on. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Problem } from '../../model/errors.ts';
import { elapsed, milliseconds, type Instant, type Milliseconds } from '../../model/units.ts';

/** 128 bits. */
const tokenBytes = 16;
/** At the same time; with one more, the oldest is void. */
const mostTokens = 64;
/** Who was refused so often within the time is refused whatever the token is. */
const mostRefusals = 5;
const refusalMemory = milliseconds(60_000);
/** Refusals of all askers within that time that are in the audit log, each; of those beyond only the number is. */
const mostTold = 20;
/** Askers that are remembered; with one more, the one that was refused longest ago is forgotten. */
const mostAskers = 256;

export interface IssuedToken {
  /** 32 hexadecimal digits. */
  readonly token: string;
  readonly expiresInMs: Milliseconds;
}

/** What happened to a token, without the token. */
export interface TokenEvent {
  readonly operation: 'token.issue' | 'token.redeem' | 'token.refuse';
  /** Who asked: an address, or the control socket. */
  readonly from: string;
  readonly because: string;
}

export interface OnboardingTokens {
  issue(from: string): IssuedToken;
  /** Null when the token is good, and from then on it is not any more. */
  redeem(token: string, from: string): Problem | null;
}

export interface OnboardingTokensOptions {
  readonly lifetime: Milliseconds;
  readonly now: () => Instant;
  readonly audit: (event: TokenEvent) => void;
  readonly random?: (bytes: number) => Uint8Array;
}

/**
 * Keeps what was issued in memory, as SHA-256 hashes: with the daemon's end they are void, and none can be brought back by
 * an older state file.
 */
export function createOnboardingTokens({
  lifetime,
  now,
  audit,
  random = randomBytes,
}: OnboardingTokensOptions): OnboardingTokens {
  let issued: readonly { readonly hash: Buffer; readonly at: Instant }[] = [];
  const refusals = new Map<string, readonly Instant[]>();
  let told: readonly Instant[] = [];
  let untold = 0;

  const recentRefusals = (from: string): readonly Instant[] =>
    (refusals.get(from) ?? []).filter((at) => elapsed(at, now()) < refusalMemory);

  /** Counts, and is in the audit log. */
  function refuse(from: string, because: string): Problem {
    const recent = recentRefusals(from);
    // Put last again: the first of a map is the one that was refused longest ago.
    refusals.delete(from);
    refusals.set(from, [...recent, now()]);
    const [oldest] = refusals.keys();
    if (refusals.size > mostAskers && oldest !== undefined) refusals.delete(oldest);
    tell(from, because);
    return refused(because);
  }

  /** Who has many addresses could fill the log with what is refused. */
  function tell(from: string, because: string): void {
    told = told.filter((at) => elapsed(at, now()) < refusalMemory);
    if (told.length >= mostTold) {
      untold += 1;
      return;
    }
    if (untold > 0) audit({ operation: 'token.refuse', from: 'many', because: `${untold} more were wrong` });
    untold = 0;
    told = [...told, now()];
    audit({ operation: 'token.refuse', from, because });
  }

  return {
    issue(from) {
      const token = Buffer.from(random(tokenBytes)).toString('hex');
      issued = [...issued, { hash: hashOf(token), at: now() }].slice(-mostTokens);
      audit({ operation: 'token.issue', from, because: 'by command' });
      return { token, expiresInMs: lifetime };
    },
    redeem(token, from) {
      if (recentRefusals(from).length >= mostRefusals) return refused('too many were wrong; wait a minute');
      const hash = hashOf(token.trim().toLowerCase());
      const good = issued.filter(({ at }) => elapsed(at, now()) < lifetime);
      // Each is compared, and in constant time: how long it takes tells nothing.
      const matching = issued.filter((each) => timingSafeEqual(each.hash, hash));
      const isGood = matching.some((each) => good.includes(each));
      issued = good.filter((each) => !matching.includes(each));
      if (!isGood) return refuse(from, matching.length > 0 ? 'it is too old' : 'nobody has issued it, or it was used');
      audit({ operation: 'token.redeem', from, because: 'its token is good' });
      return null;
    },
  };
}

const refused = (because: string): Problem => ({
  code: 'hotspot.tokenRefused',
  message: `the token is refused: ${because}`,
  remedy: 'make another one with "backhauld hotspot token"',
});

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
