/** What `iw` prints. It says of itself that its output is for people; what is read here has stood since version 4. */

/** A channel of a radio under the rules that hold now. */
export interface RadioChannel {
  readonly frequency: number;
  readonly isDisabled: boolean;
  /** Nobody may begin to send there: an access point does. */
  readonly isPassive: boolean;
  readonly needsRadarDetection: boolean;
}

export interface Phy {
  readonly supportsAccessPoint: boolean;
  /** A station and an access point at the same time. */
  readonly supportsBoth: boolean;
  /** By channel number. */
  readonly channels: ReadonlyMap<number, RadioChannel>;
}

export interface WirelessInterface {
  readonly phy: string;
  /** `managed`, `AP`, `monitor` … */
  readonly type: string;
  readonly macAddress: string | null;
  /** As `iw` writes it, with what cannot be shown escaped; null where it is in no network. */
  readonly ssid: string | null;
  /** Null where it is on none. */
  readonly channel: number | null;
}

/** Reads `iw dev NAME info`; null when it is none. */
export function parseInterface(text: string): WirelessInterface | null {
  const wiphy = /^\s*wiphy (\d+)$/mu.exec(text)?.[1];
  const type = /^\s*type (\S+)/mu.exec(text)?.[1];
  if (wiphy === undefined || type === undefined) return null;
  const channel = /^\s*channel (\d+) \(/mu.exec(text)?.[1];
  return {
    phy: `phy${wiphy}`,
    type,
    macAddress: /^\s*addr ((?:[\da-f]{2}:){5}[\da-f]{2})$/mu.exec(text)?.[1] ?? null,
    ssid: /^\s*ssid (.+)$/mu.exec(text)?.[1] ?? null,
    channel: channel === undefined ? null : Number(channel),
  };
}

/** The channel of a frequency in MHz (IEEE 802.11, annex E); null where there is none. */
export function channelAt(frequency: number): number | null {
  if (frequency === 2484) return 14;
  const base = frequency < 2500 ? 2407 : frequency < 5950 ? 5000 : 5950;
  const channel = (frequency - base) / 5;
  return Number.isInteger(channel) && channel > 0 ? channel : null;
}

/** What the event line of a station says of a move of its network; null: nothing. */
export function parseMove(line: string, name: string): { readonly to: number | null } | null {
  if (!line.startsWith(`${name} (`) && !line.startsWith(`${name}: `)) return null;
  const frequency = /: channel switch started\b.*\bfreq=(\d+)/u.exec(line)?.[1];
  if (frequency !== undefined) return { to: channelAt(Number(frequency)) };
  // It has come there, or into a network at all: the kernel knows the channel itself.
  return /: (?:channel switch\b(?! started)|connected to\b)/u.test(line) ? { to: null } : null;
}

/** How long ago a network may have been heard, in milliseconds: the kernel remembers those that have gone for half a minute. */
const heardWithin = 10_000;

/** The channel on which a network was heard last, by `iw dev NAME scan dump`; null where it was not, of late. */
export function channelHeard(text: string, ssid: string): number | null {
  const heard = text.split(/^(?=BSS )/mu).flatMap((block) => {
    const frequency = /^\s*freq: (\d+)/mu.exec(block)?.[1];
    const age = /^\s*last seen: (\d+) ms ago/mu.exec(block)?.[1];
    const isIt = /^\s*SSID: (.+)$/mu.exec(block)?.[1] === ssid;
    return isIt && frequency !== undefined && age !== undefined && Number(age) <= heardWithin
      ? [{ age: Number(age), channel: channelAt(Number(frequency)) }]
      : [];
  });
  return heard.toSorted((a, b) => a.age - b.age)[0]?.channel ?? null;
}

/** Reads `iw phy NAME info`. */
export const parsePhy = (text: string): Phy => ({
  supportsAccessPoint: /^\s*\* AP$/mu.test(section(text, 'Supported interface modes:')),
  supportsBoth: combinationsOf(text).some(isForBoth),
  channels: channelsOf(text),
});

/** The lines after a heading that stand further to the right. */
function section(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim().startsWith(heading));
  if (start < 0) return '';
  const depth = indentOf(lines[start] ?? '');
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) <= depth);
  return (end < 0 ? rest : rest.slice(0, end)).join('\n');
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

interface Combination {
  readonly groups: readonly { readonly modes: readonly string[]; readonly limit: number }[];
  readonly total: number;
}

/** `* #{ managed } <= 1, #{ AP } <= 1, total <= 2, #channels <= 1`, over several lines. */
function combinationsOf(text: string): readonly Combination[] {
  const body = section(text, 'valid interface combinations:').replaceAll(/\s+/gu, ' ');
  return body.split(' * ').map((one) => ({
    groups: [...one.matchAll(/#\{ ([^}]*?) \} <= (\d+)/gu)].map(([, modes = '', limit = '0']) => ({
      modes: modes.split(',').map((mode) => mode.trim()),
      limit: Number(limit),
    })),
    total: Number(/total <= (\d+)/u.exec(one)?.[1] ?? 0),
  }));
}

function isForBoth({ groups, total }: Combination): boolean {
  if (total < 2) return false;
  return groups.some(({ modes, limit }, position) => {
    if (limit < 1 || !modes.includes('managed')) return false;
    if (limit >= 2 && modes.includes('AP')) return true;
    return groups.some((other, place) => place !== position && other.limit >= 1 && other.modes.includes('AP'));
  });
}

/** `* 2412 MHz [1] (20.0 dBm)`, `* 5260 MHz [52] (no IR, radar detection)`, `* 2484 MHz [14] (disabled)`. */
const channelsOf = (text: string): ReadonlyMap<number, RadioChannel> =>
  new Map(
    [...text.matchAll(/^\s*\* (\d+)(?:\.\d+)? MHz \[(\d+)\](.*)$/gmu)].map(([, frequency, channel, rest = '']) => [
      Number(channel),
      {
        frequency: Number(frequency),
        isDisabled: rest.includes('(disabled)'),
        isPassive: /\bno IR\b|\bpassive scan/u.test(rest),
        needsRadarDetection: rest.includes('radar detection'),
      },
    ]),
  );

/** The country whose rules hold for a radio, by `iw reg get`; null when it says none. `00`: the world's. */
export function parseCountry(text: string, phy: string): string | null {
  const blocks = text.split(/^(?=global$|phy#\d+)/mu);
  const own = blocks.find((block) => new RegExp(`^phy#${phy.replace(/^phy/u, '')}\\b`, 'u').test(block));
  const global = blocks.find((block) => block.startsWith('global'));
  return /^country (\w\w):/mu.exec(own ?? global ?? text)?.[1] ?? null;
}
