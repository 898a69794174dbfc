/**
 * When a lease is asked for, and how long it is held, by deadlines alone: RFC 2131, DISC-6 and TETH-2, with the figures
 * 30 s for an answer (and one more for who asks), 5 s doubled up to 5 min after a failure, 10 s between doubts, 30 s after
 * another manager has left.
 */
export interface Told {
  readonly phase: 'idle' | 'asking' | 'failing' | 'held' | 'elsewhere';
  readonly request: number;
  readonly isLeased: boolean;
}

const answerTime = 31_000;
const never = Infinity;

export class LeaseModel {
  #now = 0;
  #hasCarrier = true;
  /** A default route of a DHCP client, or an address that was never leased here. */
  #route = false;
  #stranger = false;
  #verdict = 'unknown';

  request = 0;
  #requestedAt = -never;
  #failures = 0;
  #expiresAt: number | null = null;
  /** The lease is asked for, and until then an answer is waited for. */
  #giveUpAt = never;
  #retryAt = never;
  /** What is held is in doubt. */
  #isDoubted = false;
  #isElsewhere = false;
  #wasElsewhere = false;
  #takeOverAt = never;

  constructor() {
    this.#look();
  }

  get #isHeld(): boolean {
    return this.#expiresAt !== null;
  }

  get told(): Told {
    const isPending = this.#takeOverAt < never;
    const phase = this.#isHeld
      ? 'held'
      : this.#isElsewhere || isPending
        ? 'elsewhere'
        : !this.#hasCarrier
          ? this.#wasElsewhere
            ? 'elsewhere'
            : 'idle'
          : this.#giveUpAt < never
            ? 'asking'
            : 'failing';
    return { phase, request: this.request, isLeased: this.#isHeld };
  }

  get nextDeadline(): number | null {
    const next = Math.min(this.#giveUpAt, this.#retryAt, this.#takeOverAt, this.#expiresAt ?? never);
    return next === never ? null : next;
  }

  advance(to: number): void {
    for (let due = this.nextDeadline; due !== null && due <= to; due = this.nextDeadline) {
      this.#now = due;
      // The end of the lease ends all else that is waited for.
      if (this.#expiresAt === due) this.#drop();
      else if (this.#takeOverAt === due) this.#takeOver();
      else if (this.#giveUpAt === due) this.#fail();
      else this.#retry();
    }
    this.#now = to;
  }

  carrier(has: boolean): void {
    if (has === this.#hasCarrier) return;
    this.#hasCarrier = has;
    this.#look();
  }

  /** Who else is on the interface: a manager with a route, one with an address only, or nobody. */
  manager(route: boolean, stranger: boolean): void {
    const wasManaged = this.#isManaged;
    this.#route = route;
    this.#stranger = stranger;
    if (this.#isManaged !== wasManaged) this.#look();
  }

  bound(duration: number | null, isRemembered = false): void {
    const isAsking = this.told.phase === 'asking' || this.told.phase === 'failing';
    if (isRemembered ? this.#isHeld : !isAsking && !this.#isHeld) return;
    this.#expiresAt = duration === null ? never : this.#now + duration;
    this.#failures = 0;
    this.#isElsewhere = this.#wasElsewhere = false;
    this.#takeOverAt = never;
    this.#calm();
    // Whoever asks is told to ask anew, whether or not there is anyone to be asked.
    if (isRemembered && this.#hasCarrier && !this.#route) this.#doubt(true);
    else if (isRemembered) this.#note();
    // The address of another is no sign any more, its route is.
    if (this.#route && this.#hasCarrier) this.#yield();
  }

  lost(because: 'expired' | 'refused' | 'clientEnded'): void {
    if (this.#isHeld && because !== 'clientEnded') this.#drop();
    else if (this.#isHeld && this.#hasCarrier && !this.#isDoubted) this.#doubt(true);
    else if (this.#giveUpAt < never) this.#fail();
  }

  failed(): void {
    if (this.#giveUpAt < never) this.#fail();
  }

  gatewayFailed(): void {
    if (this.#isHeld && this.#hasCarrier && !this.#isDoubted) this.#doubt(this.#now - this.#requestedAt >= 10_000);
  }

  judge(verdict: string): void {
    const before = this.#verdict;
    this.#verdict = verdict;
    if (verdict === 'failed' && before !== 'failed') this.gatewayFailed();
    const hasAnswered = verdict === 'healthy' || (verdict === 'degraded' && before === 'failed');
    if (verdict !== before && hasAnswered && this.#isHeld && this.#isDoubted) this.#calm();
  }

  sleep(duration: number): void {
    if (!this.#isHeld) return;
    this.#expiresAt = (this.#expiresAt ?? never) - duration;
    if (this.#expiresAt <= this.#now) this.#drop();
    else if (this.#hasCarrier) this.#doubt(true);
    // Who asks is told to ask anew in any case.
    else this.#note();
  }

  get #isManaged(): boolean {
    return this.#route || (this.#stranger && !this.#isHeld);
  }

  /** What follows from how the link looks. */
  #look(): void {
    if (!this.#hasCarrier) {
      this.#calm();
      this.#failures = this.#isHeld ? this.#failures : 0;
      this.#isElsewhere = false;
      this.#takeOverAt = never;
    } else if (this.#isManaged) this.#yield();
    else if (this.#isHeld) this.#doubt(true);
    else if (this.#isElsewhere || this.#wasElsewhere) {
      this.#isElsewhere = false;
      this.#failures = 0;
      this.#takeOverAt = this.#now + 30_000;
    } else if (this.#giveUpAt === never && this.#retryAt === never) this.#ask();
  }

  #ask(): void {
    this.#note();
    this.#giveUpAt = this.#now + answerTime;
    this.#retryAt = never;
  }

  #fail(): void {
    this.#failures++;
    this.#giveUpAt = never;
    this.#retryAt = this.#now + Math.min(300_000, 5000 * 2 ** (this.#failures - 1));
  }

  #retry(): void {
    const isWell = this.#verdict === 'healthy' || this.#verdict === 'degraded';
    if (this.#isHeld && isWell) this.#calm();
    else this.#ask();
  }

  #doubt(atOnce: boolean): void {
    this.#isDoubted = true;
    if (atOnce) this.#ask();
    else this.#fail();
  }

  #calm(): void {
    this.#isDoubted = false;
    this.#giveUpAt = never;
    this.#retryAt = never;
  }

  #drop(): void {
    this.#expiresAt = null;
    this.#calm();
    if (this.#hasCarrier && this.#isManaged) {
      // It has been asked for before it is seen whose the interface is.
      this.#note();
      this.#yield();
    } else if (this.#hasCarrier) this.#ask();
    else {
      this.#note();
      this.#failures = 0;
    }
  }

  #note(): void {
    this.request++;
    this.#requestedAt = this.#now;
  }

  #yield(): void {
    this.#expiresAt = null;
    this.#calm();
    this.#isElsewhere = this.#wasElsewhere = true;
    this.#takeOverAt = never;
  }

  #takeOver(): void {
    this.#takeOverAt = never;
    this.#wasElsewhere = false;
    this.#ask();
  }
}
