/**
 * What `mmcli --output-json` prints (mmcli(1)): every value is a text, `--` stands for none. Names in it come from
 * modems and networks, so only what is known, or has a known form, is taken over.
 */
import { modemStates, type ModemState, type ModemStatus } from '../../model/modem.ts';

/** More modems than any node has. */
const mostModems = 8;
const mostTechnologies = 4;

export interface ModemReport {
  /** The network interfaces it makes; PPP's are not among them, for pppd makes those. */
  readonly interfaces: readonly string[];
  readonly status: ModemStatus;
}

/** The modems' D-Bus paths, the answer to `--list-modems`; null for what is no such answer. */
export function parseModemList(text: string): readonly string[] | null {
  const list = memberOf(parsed(text), 'modem-list');
  if (!Array.isArray(list)) return null;
  return textsIn(list)
    .filter((path) => /^\/org\/freedesktop\/ModemManager1\/Modem\/\d{1,9}$/u.test(path))
    .slice(0, mostModems);
}

/** One modem, the answer to `--modem=PATH`; null for what is no such answer. */
export function parseModem(text: string): ModemReport | null {
  const generic = memberOf(memberOf(parsed(text), 'modem'), 'generic');
  const state = memberOf(generic, 'state');
  if (typeof state !== 'string') return null;
  return {
    interfaces: textsIn(memberOf(generic, 'ports')).flatMap(
      (port) => /^([^\s/]{1,15}) \(net\)$/u.exec(port)?.[1] ?? [],
    ),
    status: {
      state: isState(state) ? state : 'unknown',
      accessTechnology: technologyOf(memberOf(generic, 'access-technologies')),
      signalPercent: percentOf(memberOf(memberOf(generic, 'signal-quality'), 'value')),
    },
  };
}

const isState = (text: string): text is ModemState => modemStates.some((state) => state === text);

function technologyOf(value: unknown): string | null {
  const known = textsIn(value).filter((name) => /^[a-z0-9][a-z0-9-]{0,19}$/u.test(name) && name !== 'unknown');
  return known.length === 0 ? null : known.slice(0, mostTechnologies).join('+');
}

function percentOf(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{1,3}$/u.test(value)) return null;
  const percent = Number(value);
  return percent <= 100 ? percent : null;
}

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
