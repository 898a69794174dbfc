import { catchError, defer, merge, Observable, of, switchMap, timer, type SchedulerLike } from 'rxjs';
import type { ProbeFailure, Sample, Target } from '../model/probe.ts';
import { milliseconds, toMicrosecond, type Milliseconds } from '../model/units.ts';
import type { Clock, Prober, ProbeOutcome, ProbeRequest } from './ports.ts';

/** One target of a round, and how long its answer is waited for before it counts as lost. */
export interface Shot {
  readonly target: Target;
  readonly patience: Milliseconds;
}

/** What became of one probe: an answer or a loss, and after a loss perhaps a late answer. */
export interface ProbeNews {
  readonly target: string;
  readonly sample: Sample;
  readonly isLate: boolean;
}

export interface RoundOptions {
  readonly interface: ProbeRequest['interface'];
  readonly source: string;
  readonly shots: readonly Shot[];
  /** The end of every probe: an answer that comes later than this is none. */
  readonly timeout: Milliseconds;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
}

/**
 * Sends one round: all probes at once, on subscription. Tells what becomes of each, and completes when the last is over;
 * what is still under way when it is unsubscribed is aborted. It never errs: a prober that throws has lost the sample.
 */
export const sendRound = (options: RoundOptions): Observable<ProbeNews> =>
  merge(...options.shots.map((shot) => sendProbe(shot, options)));

const sendProbe = ({ target, patience }: Shot, options: RoundOptions): Observable<ProbeNews> =>
  new Observable((subscriber) => {
    const { clock, scheduler, timeout, source, prober } = options;
    const controller = new AbortController();
    const sentAt = clock.now();
    let isLate = false;
    let isOver = false;

    // A busy process fires its timers before it reads its sockets: one more turn lets an answer that is there in first.
    const overdue$ = timer(patience, scheduler).pipe(switchMap(() => timer(0, scheduler)));
    const end$ = timer(Math.max(0, timeout - patience), scheduler);
    const outcome$ = defer(() =>
      prober.probe({ target, interface: options.interface, source, timeout }, controller.signal),
    ).pipe(catchError((error: unknown) => of(thrown(error))));

    // Nobody listens any more to the signal of one that is over, and an abort makes an error with a stack of its own.
    subscriber.add(() => {
      if (!isOver) controller.abort();
    });
    subscriber.add(
      overdue$.subscribe(() => {
        subscriber.next({ target: target.text, sample: lostSample(target.text, 'timeout'), isLate });
        isLate = true;
        subscriber.add(end$.subscribe(() => subscriber.complete()));
      }),
    );
    subscriber.add(
      outcome$.subscribe((outcome) => {
        isOver = true;
        const sample = sampleOf(target.text, outcome, milliseconds(clock.now() - sentAt));
        const isAnswer = sample.rtt !== null || sample.retransmitted;
        // That a lost sample is lost for good is no news.
        if (isAnswer || !isLate) subscriber.next({ target: target.text, sample, isLate });
        subscriber.complete();
      }),
    );
  });

const thrown = (error: unknown): ProbeOutcome => ({ ok: false, failure: 'internal', message: String(error) });

const lostSample = (target: string, failure: ProbeFailure, retransmitted = false): Sample => ({
  target,
  rtt: null,
  failure,
  retransmitted,
});

function sampleOf(target: string, outcome: ProbeOutcome, elapsed: Milliseconds): Sample {
  if (outcome.ok) {
    return outcome.retransmitted
      ? lostSample(target, 'timeout', true)
      : { target, rtt: toMicrosecond(outcome.rtt), failure: null, retransmitted: false };
  }
  // Something answered: the way is open, whatever it said.
  return outcome.failure === 'refused' || outcome.failure === 'captivePortal'
    ? { target, rtt: toMicrosecond(elapsed), failure: outcome.failure, retransmitted: false }
    : lostSample(target, outcome.failure);
}
