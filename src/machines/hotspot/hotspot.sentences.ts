/** What the hotspot says of itself, each in one sentence. */
import type { Problem } from '../../model/errors.ts';
import { formatDuration } from '../../model/units.ts';
import type { HotspotContext } from './hotspot.context.ts';

type Told = Omit<HotspotContext, 'view'>;

/** Why it cannot be opened as things are; null where it can. */
export function unfitness({ config, radio }: Pick<Told, 'config' | 'radio'>): Problem | null {
  const { interface: subject, country } = config;
  if (radio === null || radio === undefined) {
    const message = 'there is no radio of that name, and no bridge';
    return { code: 'hotspot.noRadio', message, remedy: 'plug it in, or set hotspot.interface', subject };
  }
  if (radio.phy === null) return null;
  if (!radio.supportsAccessPoint) {
    const message = `the radio ${radio.phy} cannot be an access point`;
    return { code: 'hotspot.noAccessPointMode', message, remedy: 'use another radio or driver', subject };
  }
  if (country !== null) return null;
  const message = 'no country is configured, so nobody knows on which channels it may send';
  return { code: 'hotspot.noCountry', message, remedy: 'set hotspot.country, such as "DE"', subject };
}

/** Asked when it is about to be opened: the phase is still the one before. */
export function whyOpening({ mode, phase, config }: Told): string {
  if (phase === 'searching') return `nobody is connected, and ${config.interface} has not found its own network`;
  if (mode === 'on') return 'it was switched on';
  return `no uplink has been reachable for ${formatDuration(config.startAfter)}`;
}

/** Asked when it is about to be closed: the phase is still the one before. */
export function whyClosing(context: Told, isSearch: boolean): string {
  const { mode, phase, config, wayOut } = context;
  if (isSearch) {
    const { interface: radio, searchInterval } = config;
    return `nobody has been connected for ${formatDuration(searchInterval)}, and ${radio} looks for its own network`;
  }
  if (mode === 'off') return 'it was switched off';
  if (phase === 'returning') return `${wayOut} has been reachable for ${formatDuration(config.stopAfter)}`;
  return whyUnneeded(context);
}

const whyUnneeded = ({ mode, wayOut, config }: Told): string =>
  mode === 'on'
    ? `${config.interface} has a network of its own, and is not taken from it while ${wayOut} is reachable`
    : wayOut === null
      ? 'no uplink is reachable'
      : `${wayOut} is reachable`;

/** Why it is as it is, or what it waits for. */
export function becauseOf(context: Told): string {
  const { phase, config, mode, radio, wanted, closing, problem, wayOut } = context;
  switch (phase) {
    case 'idle':
      if (mode === 'off') return 'it was switched off';
      return radio === undefined ? `${config.interface} has not been looked at yet` : whyUnneeded(context);
    case 'waiting':
      return `no uplink is reachable; it opens when that has lasted ${formatDuration(config.startAfter)}`;
    case 'searching':
      return `nobody was connected, and ${config.interface} looks for its own network`;
    case 'returning':
      return `${wayOut} is reachable; it closes when that has lasted ${formatDuration(config.stopAfter)}`;
    case 'stopping':
      return closing?.because ?? '';
    case 'unfit':
    case 'failed':
      return problem?.message ?? '';
    case 'starting':
    case 'serving':
    case 'yielding':
      return wanted?.because ?? '';
    default:
      return phase satisfies never;
  }
}
