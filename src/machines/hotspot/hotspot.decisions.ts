/** How the hotspot's context changes with what it is told and what it does, and what it tells. */
import type { Problem } from '../../model/errors.ts';
import type { HotspotIntent, HotspotState, RadioFacts } from '../../model/hotspot.ts';
import {
  earlier,
  elapsed,
  formatDuration,
  later,
  latest,
  milliseconds,
  minutes,
  seconds,
  type Instant,
  type Milliseconds,
} from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import type {
  HotspotContext,
  HotspotFact,
  HotspotInput,
  HotspotMemory,
  HotspotPhase,
  HotspotView,
  Opening,
} from './hotspot.context.ts';
import { remembered, withoutSleep } from './hotspot-key.decisions.ts';
import { placementOf } from './hotspot-need.decisions.ts';
import { becauseOf, unfitness, whyClosing, whyOpening } from './hotspot.sentences.ts';
import { unlessSame } from '../unless-same.ts';

/** The id of its actor. */
export const hotspotActor = 'hotspot';

/** How long opening and closing may take: what does not answer by then has failed. */
const patience = seconds(30);
const firstRetry = seconds(5);
const longestRetry = minutes(5);
/** An access point that was on air for as long has not failed to start when it fails. */
const calmAfter = minutes(10);

const nothingOnAir = { network: null, openedAt: null, clients: 0 } as const;

/** None any more. */
export const withoutOpening = { wanted: null, ...nothingOnAir } as const;

export function initialContext({ memory, mode, at, ...given }: HotspotInput): HotspotContext {
  return {
    ...(memory ?? firstMemory(at)),
    // What was not on air yet is made anew.
    ...(memory?.network === null ? withoutOpening : {}),
    ...given,
    mode,
    phase: 'idle',
    now: at,
    waySince: at,
    rotationTimerAt: at,
    view: null,
  };
}

const firstMemory = (at: Instant): HotspotMemory => ({
  mode: 'auto',
  phase: 'idle',
  since: at,
  opening: 0,
  wanted: null,
  network: null,
  openedAt: null,
  clients: 0,
  holdsRadio: false,
  closing: null,
  failures: 0,
  problem: null,
  deadline: null,
  key: 1,
  rotatedAt: at,
  previousKey: null,
  previousEndsAt: null,
});

/** Takes in what is told of the outside. What became of an opening is taken in by the states that wait for it. */
export function takeIn(context: HotspotContext, event: HotspotFact): Partial<HotspotContext> {
  const now = event.at;
  switch (event.type) {
    case 'surroundings.changed': {
      const { wayOut, isRadioUplink } = event;
      const isOther = (wayOut === null) !== (context.wayOut === null);
      return { now, wayOut, isRadioUplink, waySince: isOther ? now : context.waySince };
    }
    case 'radio.changed':
      return { now, radio: event.radio, wanted: followed(context.wanted, event.radio) };
    case 'hotspot.clients':
      return { now, clients: context.wanted === null ? 0 : event.clients };
    case 'command.hotspot':
      return { now, mode: event.mode };
    case 'hotspot.remembered':
      return { now, ...remembered(context, event.key, earlier(now, milliseconds(Math.max(0, event.age))), now) };
    case 'node.resumed':
      return { now, waySince: now, ...withoutSleep(context, event.slept) };
    case 'hotspot.closed':
      // Of one that was before: who has opened it again holds it still.
      return { now, holdsRadio: context.holdsRadio && context.wanted !== null };
    case 'hotspot.opened':
    case 'hotspot.failed':
    case 'command.rotateKey':
      return { now };
    default:
      return event satisfies never;
  }
}

/** An access point beside a station goes where the station goes. */
function followed(wanted: Opening | null, radio: RadioFacts | null): Opening | null {
  const channel = radio?.stationChannel ?? null;
  if (wanted === null || wanted.placement !== 'beside' || channel === null) return wanted;
  return unlessSame(wanted, { ...wanted, channel });
}

/** The access point that is made now. */
export function withOpening(context: HotspotContext): Partial<HotspotContext> {
  const { config, radio, opening } = context;
  const placement = placementOf(context);
  const channel = placement === 'beside' ? (radio?.stationChannel ?? config.channel) : config.channel;
  return {
    opening: opening + 1,
    wanted: { radio: config.interface, placement, channel, because: whyOpening(context) },
    ...nothingOnAir,
    holdsRadio: placement === 'alone',
    closing: null,
  };
}

export const withClosing = (context: HotspotContext, isSearch: boolean): Partial<HotspotContext> => ({
  ...withoutOpening,
  closing: { isSearch, because: whyClosing(context, isSearch) },
});

/** One more failure: those that come in a row count. */
export function withFailure({ openedAt, now, failures }: HotspotContext, problem: Problem): Partial<HotspotContext> {
  const isNew = openedAt !== null && elapsed(openedAt, now) >= calmAfter;
  return { failures: isNew ? 1 : failures + 1, problem };
}

/** Neither opened nor closed in time. */
export const noAnswer = ({ phase, config }: HotspotContext): Problem => ({
  code: 'hotspot.serviceFailed',
  message: `the access point was not ${phase === 'stopping' ? 'taken down' : 'on air'} within ${formatDuration(patience)}`,
  remedy: 'the log says how far it came',
  subject: config.interface,
});

/** What changes with the phase. */
export function withPhase(context: HotspotContext, phase: HotspotPhase): Partial<HotspotContext> {
  const isOther = stateOf(phase) !== stateOf(context.phase);
  const next = { ...context, phase };
  return {
    phase,
    since: isOther ? context.now : context.since,
    deadline: deadlineOf(next),
    problem: problemOf(next),
    failures: phase === 'idle' ? 0 : context.failures,
  };
}

function problemOf(context: HotspotContext): Problem | null {
  const { phase, problem } = context;
  if (phase !== 'unfit') return keepsProblem.has(phase) ? problem : null;
  const unfit = unfitness(context);
  return unfit === null ? null : unlessSame(problem, unfit);
}

/** What went wrong is still so while another attempt is made. */
const keepsProblem: ReadonlySet<HotspotPhase> = new Set(['failed', 'starting', 'stopping']);

const states: Readonly<Record<HotspotPhase, HotspotState>> = {
  idle: 'inactive',
  waiting: 'inactive',
  searching: 'inactive',
  starting: 'starting',
  serving: 'active',
  yielding: 'active',
  returning: 'active',
  stopping: 'stopping',
  unfit: 'error',
  failed: 'error',
};

export const stateOf = (phase: HotspotPhase): HotspotState => states[phase];

/** When what a phase waits for is over. What is counted from an earlier event may be over already. */
function deadlineOf({ phase, now, waySince, config, failures }: HotspotContext): Instant | null {
  switch (phase) {
    case 'waiting':
      return latest(now, later(waySince, config.startAfter));
    case 'returning':
      return latest(now, later(waySince, config.stopAfter));
    case 'searching':
      return later(now, config.searchFor);
    case 'yielding':
      return later(now, config.searchInterval);
    case 'failed':
      return later(now, milliseconds(Math.min(longestRetry, firstRetry * 2 ** Math.min(16, failures - 1))));
    case 'starting':
    case 'stopping':
      return later(now, patience);
    case 'idle':
    case 'serving':
    case 'unfit':
      return null;
    default:
      return phase satisfies never;
  }
}

/** How long a state still waits. */
export const untilDeadline = ({ now, deadline }: HotspotContext): Milliseconds =>
  asDelay(deadline === null ? Number.NaN : elapsed(now, deadline));

/** What others are told. The intent stays the same object for as long as nothing else is wanted. */
export function viewOf(context: HotspotContext): HotspotView {
  const { view } = context;
  const intent = intentOf(context);
  const next: HotspotView = {
    ...memoryOf(context),
    state: stateOf(context.phase),
    because: becauseOf(context),
    intent: intent === null ? null : unlessSame(view?.intent, intent),
  };
  return unlessSame(view, next);
}

const memoryOf = (context: HotspotContext): HotspotMemory => {
  const { mode, phase, since, opening, wanted, network, openedAt, clients, holdsRadio, closing } = context;
  const { failures, problem, deadline, key, rotatedAt, previousKey, previousEndsAt } = context;
  const service = { mode, phase, since, opening, wanted, network, openedAt, clients, holdsRadio, closing };
  return { ...service, failures, problem, deadline, key, rotatedAt, previousKey, previousEndsAt };
};

const intentOf = ({ wanted, opening, key, previousKey }: HotspotContext): HotspotIntent | null =>
  wanted === null ? null : { opening, ...wanted, key, previousKey };
