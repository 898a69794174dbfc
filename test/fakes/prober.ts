import type { ProbeFailure } from '../../src/model/probe.ts';
import { milliseconds } from '../../src/model/units.ts';
import type { Prober, ProbeOutcome, ProbeRequest } from '../../src/streams/ports.ts';
import type { SimulatedTime } from './simulated-time.ts';

export interface Ask {
  readonly target: string;
  readonly index: number;
  /** When the probe was sent. */
  readonly at: number;
}

/**
 * What becomes of a probe: an answer after so many milliseconds, silence, or a failure. An answer that comes after the
 * request's time-out is silence, as it is with a real prober.
 */
export type Fate =
  | number
  | 'silence'
  /** The prober does not keep its word, and never ends the probe. */
  | 'hang'
  | 'throw'
  | 'reject'
  | { readonly after: number; readonly failure: ProbeFailure }
  | { readonly after: number; readonly retransmitted: true };

/**
 * A prober without a network. A test scripts the fate of each probe by target, uplink and time:
 *
 *   const prober = new FakeProber(time, ({ target, index }) => (target === dead ? 'silence' : 20));
 *   prober.sent      // every probe so far
 *   prober.underWay  // those neither answered nor aborted
 */
export class FakeProber implements Prober {
  readonly sent: (Ask & { readonly source: string; readonly timeout: number })[] = [];
  fate: (ask: Ask) => Fate;
  aborted = 0;
  underWay = 0;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime, fate: (ask: Ask) => Fate = () => 20) {
    this.#time = time;
    this.fate = fate;
  }

  probe(request: ProbeRequest, signal: AbortSignal): Promise<ProbeOutcome> {
    const ask = { target: request.target.text, index: request.interface.index, at: this.#time.now() };
    this.sent.push({ ...ask, source: request.source, timeout: request.timeout });
    const fate = this.fate(ask);
    if (fate === 'throw') throw new Error('no more descriptors');
    if (fate === 'reject') return Promise.reject(new Error('no more descriptors'));
    const { after, outcome } = told(fate, request.timeout);
    this.underWay++;
    return new Promise((resolve) => {
      let isOver = false;
      const end = (result: ProbeOutcome): void => {
        if (isOver) return;
        isOver = true;
        this.underWay--;
        resolve(result);
      };
      const timer = fate === 'hang' ? null : this.#time.schedule(() => end(outcome), after);
      signal.addEventListener(
        'abort',
        () => {
          if (!isOver) this.aborted++;
          timer?.unsubscribe();
          end(silence);
        },
        { once: true },
      );
    });
  }
}

const silence: ProbeOutcome = { ok: false, failure: 'timeout', message: 'no answer' };

function told(fate: number | 'silence' | 'hang' | object, timeout: number): { after: number; outcome: ProbeOutcome } {
  const answer = (after: number, retransmitted: boolean) =>
    after > timeout
      ? { after: timeout, outcome: silence }
      : { after, outcome: { ok: true, rtt: milliseconds(after), retransmitted } as const };
  if (typeof fate === 'number') return answer(fate, false);
  const { after, failure } = fate as { after?: number; failure?: ProbeFailure };
  if (after === undefined) return { after: timeout, outcome: silence };
  return failure === undefined ? answer(after, true) : { after, outcome: { ok: false, failure, message: failure } };
}
