import type { ModemStatus } from '../model/modem.ts';

/** Below it calls drop and data stalls; above the second one it counts as recovered. In per cent. */
const weak = 20;
const recovered = 30;
/** A fall of so many points from one reading to the next is a tunnel, a lift, a torn cable of the antenna. */
const sharpFall = 30;

/**
 * Judges the readings of one modem, one after the other. A signal that is weak and stays so is told of once: it may go
 * up and down at the limit, and each suspicion costs probes.
 */
export class SignalFall {
  #last: ModemStatus | null = null;
  #isWeak = false;

  /** Whether this reading is a reason to probe at once. The first one never is: there was nothing to fall from. */
  note(status: ModemStatus): boolean {
    const last = this.#last;
    this.#last = status;
    const wasWeak = this.#isWeak;
    const percent = status.signalPercent;
    if (percent !== null) this.#isWeak = percent < (wasWeak ? recovered : weak);
    if (last === null) return false;
    const hasLeft = last.state === 'connected' && status.state !== 'connected';
    const hasFallen = percent !== null && last.signalPercent !== null && last.signalPercent - percent >= sharpFall;
    return hasLeft || hasFallen || (this.#isWeak && !wasWeak);
  }
}
