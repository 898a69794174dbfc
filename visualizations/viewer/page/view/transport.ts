import type { Player } from '../model/player.ts';
import type { Session } from '../model/session.ts';
import { dateText } from '../model/texts.ts';
import { byId, setAttribute, setText } from './dom.ts';

/** What stands above the time line: where one is in time, how fast it goes, and whether it is now. */
export class Transport {
  readonly #session: Session;
  readonly #player: Player;
  readonly #isLive: boolean;
  readonly #play = byId('play');
  readonly #speed = byId('speed');
  readonly #clock = byId('clock');
  readonly #follow = byId('follow');

  constructor(session: Session, player: Player, isLive: boolean) {
    this.#session = session;
    this.#player = player;
    this.#isLive = isLive;
    this.#follow.hidden = !isLive;
  }

  show(): void {
    const { isFollowing, history } = this.#session;
    const isGoing = this.#player.isPlaying || (this.#isLive && isFollowing);
    setText(this.#play, isGoing ? '❚❚' : '▶');
    setAttribute(this.#play, 'aria-label', isGoing ? 'pause' : 'play');
    setText(this.#speed, `${this.#player.speed}×`);
    setAttribute(this.#follow, 'aria-pressed', String(isFollowing));
    setText(this.#clock, history.end === 0 ? '' : dateText(this.#player.time));
  }
}
