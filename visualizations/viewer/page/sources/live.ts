import type { TraceItem } from '../../../../src/model/trace.ts';
import { atOf } from '../model/history.ts';

/** `connecting`: to who serves the page; `waiting`: for the daemon, which is asked again and again. */
export type Connection = 'connecting' | 'waiting' | 'live';

/** A stream of events that was closed for good is opened anew after this long. */
const reopenAfter = 2000;

/** The items of a running daemon as they come. Whatever breaks is tried again until the page is closed. */
export class LiveSource {
  readonly #onItem: (item: TraceItem) => void;
  readonly #onConnection: (connection: Connection) => void;
  /** What the page's clock is ahead of the daemon's. The smallest that was seen had the least delay. */
  #ahead = Infinity;

  constructor(onItem: (item: TraceItem) => void, onConnection: (connection: Connection) => void) {
    this.#onItem = onItem;
    this.#onConnection = onConnection;
  }

  open(): void {
    this.#onConnection('connecting');
    const events = new EventSource('live');
    events.addEventListener('trace', ({ data }: MessageEvent<string>) => {
      // The daemon's word: page and daemon are of one version, for they come in one package.
      const item = JSON.parse(data) as TraceItem;
      const ahead = performance.now() - atOf(item);
      // A daemon that was started anew may have another clock.
      this.#ahead = item.type === 'actors' ? ahead : Math.min(this.#ahead, ahead);
      if (item.type === 'actors') this.#onConnection('live');
      this.#onItem(item);
    });
    events.addEventListener('waiting', () => this.#onConnection('waiting'));
    events.addEventListener('error', () => {
      this.#onConnection('connecting');
      if (events.readyState !== EventSource.CLOSED) return;
      events.close();
      setTimeout(() => this.open(), reopenAfter);
    });
  }

  /** What the machines' clock shows now. */
  now(): number {
    return Number.isFinite(this.#ahead) ? performance.now() - this.#ahead : 0;
  }
}
