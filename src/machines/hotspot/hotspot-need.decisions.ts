/** Whether there shall be an access point, and where it is made. */
import type { HotspotPlacement } from '../../model/hotspot.ts';
import type { HotspotContext } from './hotspot.context.ts';
import { unfitness } from './hotspot.sentences.ts';

/** It cannot open at all as things are. While it is switched off nobody asks, and before the radio is known nobody can tell. */
export const isUnfit = (context: HotspotContext): boolean =>
  context.mode !== 'off' && context.radio !== undefined && unfitness(context) !== null;

/** An operator wants it. */
export const isDemanded = (context: HotspotContext): boolean =>
  context.mode === 'on' && isRadioKnown(context) && mayTakeRadio(context);

/** There is no way out. */
export const isNeeded = (context: HotspotContext): boolean =>
  context.mode === 'auto' && isRadioKnown(context) && context.wayOut === null;

const isRadioKnown = ({ radio }: HotspotContext): boolean => radio !== undefined && radio !== null;

/** A radio that has a network of its own is taken from it only when nothing is reachable. */
export function mayTakeRadio(context: HotspotContext): boolean {
  const { radio, wayOut, isRadioUplink } = context;
  const hasNetwork = isRadioUplink && radio?.stationChannel !== undefined && radio.stationChannel !== null;
  return wayOut === null || !hasNetwork || placementOf(context) !== 'alone';
}

/** There is a way out again, and nobody has said that it shall stay. */
export const isReturning = (context: HotspotContext): boolean =>
  context.mode === 'auto' && context.wayOut !== null && !isUnfit(context);

/** The radio has a network of its own that it cannot come back to meanwhile, and nobody would miss the access point. */
export const isYielding = (context: HotspotContext): boolean =>
  isInTheWay(context) &&
  context.isRadioUplink &&
  context.clients === 0 &&
  context.wayOut === null &&
  context.mode !== 'off' &&
  !isUnfit(context);

/** Beside a station that has lost its network, the access point holds it to a channel that may not be the network's. */
const isInTheWay = ({ wanted, radio }: HotspotContext): boolean =>
  wanted?.placement === 'alone' || (wanted?.placement === 'beside' && radio?.stationChannel === null);

/** Its radio still has to look for its network, now that it is free. */
export const isSearchDue = (context: HotspotContext): boolean =>
  context.closing?.isSearch === true && context.wayOut === null && context.mode !== 'off' && !isUnfit(context);

export function placementOf({ radio, isRadioUplink }: HotspotContext): HotspotPlacement {
  if (radio?.phy === null) return 'bridge';
  // Where the radio has no network and is not meant to have one, there is nothing to stand beside.
  return radio?.supportsBoth === true && (isRadioUplink || radio.stationChannel !== null) ? 'beside' : 'alone';
}
