import type { HotspotConfig } from '../../../src/model/config.ts';
import type { HotspotMode, HotspotPlacement, HotspotState, RadioFacts } from '../../../src/model/hotspot.ts';

interface Point {
  readonly number: number;
  readonly placement: HotspotPlacement;
  channel: number;
  /** Since when it is on air; null: not yet. */
  openedAt: number | null;
  clients: number;
  /** Given up when nobody has answered by then. */
  readonly answerBy: number;
}

/**
 * The hotspot by the rules of AP-1 and SECU-2, with a list of deadlines in place of states: of each it is known when it
 * ends, and time goes from one to the next.
 */
export class HotspotModel {
  readonly #config: HotspotConfig;
  mode: HotspotMode = 'auto';
  way: string | null;
  #isUplink = false;
  radio: RadioFacts | null | undefined;
  #waySince: number;
  #now: number;
  opening = 0;
  #point: Point | null = null;
  #closing: { readonly number: number; search: boolean; readonly answerBy: number } | null = null;
  /** When it opens, closes, looks for its network, stops looking, tries again. */
  #openAt: number | null = null;
  #leaveAt: number | null = null;
  #searchAt: number | null = null;
  #searchEnd: number | null = null;
  #retryAt: number | null = null;
  failures = 0;
  #failure: string | null = null;
  #unfit: string | null = null;
  key = 1;
  previous: { readonly number: number; endsAt: number } | null = null;
  #rotatedAt: number;
  /** The timer of the rotation and of the previous key can be no earlier than when they were set. */
  #armedAt: number;
  #state: HotspotState = 'inactive';
  since: number;

  constructor(config: HotspotConfig, at: number) {
    this.#config = config;
    this.way = null;
    this.#waySince = at;
    this.#now = at;
    this.#rotatedAt = at;
    this.#armedAt = at;
    this.since = at;
  }

  get state(): HotspotState {
    return this.#state;
  }

  get problem(): string | null {
    return this.#unfit ?? this.#failure;
  }

  get clients(): number {
    return this.#point?.clients ?? 0;
  }

  get point(): Point | null {
    return this.#point;
  }

  /** What is told to be due. */
  get due(): { readonly what: string; readonly at: number } | null {
    const all = [
      { what: 'open', at: this.#openAt ?? this.#searchEnd },
      { what: 'close', at: this.#leaveAt },
      { what: 'search', at: this.#searchAt },
      { what: 'retry', at: this.#retryAt },
    ];
    const [found = null] = all.flatMap(({ what, at }) => (at === null ? [] : [{ what, at }]));
    return found;
  }

  get #deadlines(): readonly (readonly [at: number, then: () => void])[] {
    const { pskRotation } = this.#config.security;
    const noAnswer = (): void => this.#fail('hotspot.serviceFailed');
    const all: readonly (readonly [number | null | undefined, () => void])[] = [
      [this.#openAt, () => this.#open()],
      [this.#searchEnd, () => this.#open()],
      [this.#leaveAt, () => this.#close(false)],
      [this.#searchAt, () => this.#close(true)],
      [this.#retryAt, () => this.#retry()],
      [this.#point?.openedAt === null ? this.#point.answerBy : null, noAnswer],
      [this.#closing?.answerBy, noAnswer],
      [this.previous === null ? null : Math.max(this.#armedAt, this.previous.endsAt), () => this.#retire()],
      [
        pskRotation.enabled ? Math.max(this.#armedAt, this.#rotatedAt + pskRotation.interval) : null,
        () => this.#rotate(),
      ],
    ];
    return all.flatMap(([at, then]) => (at === null || at === undefined ? [] : [[at, then] as const]));
  }

  get nextDeadline(): number | null {
    const all = this.#deadlines.map(([at]) => at);
    return all.length === 0 ? null : Math.min(...all);
  }

  advance(to: number): void {
    for (;;) {
      const [next] = this.#deadlines.filter(([at]) => at <= to).toSorted(([a], [b]) => a - b);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next[0]);
      next[1]();
    }
    this.#now = to;
  }

  surround(way: string | null, isUplink: boolean): void {
    if ((way === null) !== (this.way === null)) this.#waySince = this.#now;
    this.way = way;
    this.#isUplink = isUplink;
    this.#consider();
  }

  see(radio: RadioFacts | null): void {
    this.radio = radio;
    const channel = radio?.stationChannel ?? null;
    if (this.#point?.placement === 'beside' && channel !== null) this.#point.channel = channel;
    this.#consider();
  }

  command(mode: HotspotMode): void {
    this.mode = mode;
    if (this.#closing !== null) this.#closing.search = false;
    if (this.#retryAt !== null || this.#searchEnd !== null) this.#giveUp();
    this.#consider();
  }

  opened(number: number): void {
    if (this.#point?.number !== number) return;
    this.#point.openedAt ??= this.#now;
    this.#failure = null;
    this.#consider();
  }

  failed(number: number, code: string): void {
    if (this.#point?.number === number) this.#fail(code);
  }

  closed(number: number): void {
    const closing = this.#closing;
    if (closing?.number !== number) return;
    this.#closing = null;
    this.#failure = null;
    const mayLook = this.way === null && this.mode !== 'off' && this.#unfitness() === null;
    if (closing.search && mayLook) this.#searchEnd = this.#now + this.#config.searchFor;
    else this.failures = 0;
    this.#consider();
  }

  joined(number: number, clients: number): void {
    if (this.opening !== number) return;
    if (this.#point !== null) this.#point.clients = clients;
    this.#consider();
  }

  remember(key: number, age: number): void {
    const { overlap } = this.#config.security.pskRotation;
    this.key = key;
    this.#rotatedAt = this.#now - Math.max(0, age);
    this.#armedAt = this.#now;
    const endsAt = this.#rotatedAt + overlap;
    this.previous = key > 1 && endsAt > this.#now ? { number: key - 1, endsAt } : null;
  }

  rotateNow(): void {
    this.#rotate();
  }

  sleep(slept: number): void {
    const { startAfter, stopAfter, searchFor, searchInterval } = this.#config;
    this.#waySince = this.#now;
    if (this.#openAt !== null) this.#openAt = this.#now + startAfter;
    if (this.#leaveAt !== null) this.#leaveAt = this.#now + stopAfter;
    if (this.#searchEnd !== null) this.#searchEnd = this.#now + searchFor;
    if (this.#searchAt !== null) this.#searchAt = this.#now + searchInterval;
    this.#rotatedAt -= slept;
    if (this.previous !== null) this.previous.endsAt -= slept;
    this.#armedAt = this.#now;
  }

  #unfitness(): string | null {
    const { radio } = this;
    if (radio === undefined) return null;
    if (radio === null) return 'hotspot.noRadio';
    if (radio.phy === null) return null;
    if (!radio.supportsAccessPoint) return 'hotspot.noAccessPointMode';
    return this.#config.country === null ? 'hotspot.noCountry' : null;
  }

  #placement(): HotspotPlacement {
    const { radio } = this;
    if (radio?.phy === null) return 'bridge';
    const hasStation = this.#isUplink || (radio?.stationChannel ?? null) !== null;
    return radio?.supportsBoth === true && hasStation ? 'beside' : 'alone';
  }

  #isWanted(): boolean {
    if (this.radio === undefined || this.radio === null || this.mode === 'off') return false;
    if (this.mode === 'auto') return this.way === null;
    const wouldLoseItsNetwork = this.#isUplink && this.radio.stationChannel !== null && this.#placement() === 'alone';
    return this.way === null || !wouldLoseItsNetwork;
  }

  /** Everything that does not wait. */
  #consider(): void {
    if (this.#closing !== null) return this.#told();
    const unfit = this.mode === 'off' ? null : this.#unfitness();
    if (unfit !== null) {
      this.#forgetAll();
      this.#unfit = unfit;
      return this.#told();
    }
    if (this.#unfit !== null) this.#giveUp();
    if (this.#retryAt !== null && !this.#isWanted()) this.#giveUp();
    if (this.#searchEnd !== null && (this.way !== null || this.mode === 'off')) this.#giveUp();
    const isFree = this.#point === null && this.#retryAt === null && this.#searchEnd === null;
    if (!isFree || !this.#isWanted()) this.#openAt = null;
    else if (this.mode === 'on') return this.#open();
    else this.#openAt ??= Math.max(this.#now, this.#waySince + this.#config.startAfter);
    if (this.#point !== null) this.#reconsider(this.#point);
    this.#told();
  }

  #reconsider(point: Point): void {
    const { searchInterval, stopAfter } = this.#config;
    if (this.mode === 'off' || (point.openedAt === null && !this.#isWanted())) return this.#close(false);
    if (point.openedAt === null) return;
    const isLeaving = this.mode === 'auto' && this.way !== null;
    this.#leaveAt = isLeaving ? (this.#leaveAt ?? Math.max(this.#now, this.#waySince + stopAfter)) : null;
    const isMissed = point.clients > 0 || this.way !== null;
    const holdsIt = point.placement === 'beside' && this.radio?.stationChannel === null;
    const yields = (point.placement === 'alone' || holdsIt) && this.#isUplink && !isMissed;
    this.#searchAt = yields ? (this.#searchAt ?? this.#now + searchInterval) : null;
  }

  #open(): void {
    const { channel } = this.#config;
    const placement = this.#placement();
    this.#openAt = null;
    this.#searchEnd = null;
    this.#retryAt = null;
    this.#point = {
      number: ++this.opening,
      placement,
      channel: placement === 'beside' ? (this.radio?.stationChannel ?? channel) : channel,
      openedAt: null,
      clients: 0,
      answerBy: this.#now + 30_000,
    };
    this.#told();
  }

  #close(search: boolean): void {
    this.#point = null;
    this.#leaveAt = null;
    this.#searchAt = null;
    this.#closing = { number: this.opening, search, answerBy: this.#now + 30_000 };
    this.#told();
  }

  #fail(code: string): void {
    const openedAt = this.#point?.openedAt ?? null;
    const wasCalm = openedAt !== null && this.#now - openedAt >= 600_000;
    this.failures = wasCalm ? 1 : this.failures + 1;
    this.#forgetAll();
    this.#failure = code;
    this.#retryAt = this.#now + Math.min(300_000, 5000 * 2 ** (this.failures - 1));
    this.#told();
  }

  #retry(): void {
    if (this.#isWanted()) return this.#open();
    this.#giveUp();
    this.#consider();
  }

  /** Back to where nothing has gone wrong. */
  #giveUp(): void {
    this.#retryAt = null;
    this.#searchEnd = null;
    this.#failure = null;
    this.#unfit = null;
    this.failures = 0;
    this.#told();
  }

  #forgetAll(): void {
    this.#point = null;
    this.#closing = null;
    this.#openAt = null;
    this.#leaveAt = null;
    this.#searchAt = null;
    this.#searchEnd = null;
    this.#retryAt = null;
    this.#failure = null;
    this.#unfit = null;
  }

  #rotate(): void {
    const endsAt = this.#now + this.#config.security.pskRotation.overlap;
    this.previous = { number: this.key, endsAt };
    this.key++;
    this.#rotatedAt = this.#now;
    this.#armedAt = this.#now;
  }

  #retire(): void {
    this.previous = null;
    this.#armedAt = this.#now;
  }

  #told(): void {
    const state = this.#stateNow();
    if (state !== this.#state) this.since = this.#now;
    this.#state = state;
  }

  #stateNow(): HotspotState {
    if (this.#closing !== null) return 'stopping';
    if (this.#unfit !== null || this.#retryAt !== null) return 'error';
    if (this.#point === null) return 'inactive';
    return this.#point.openedAt === null ? 'starting' : 'active';
  }
}
