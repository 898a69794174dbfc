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
    channel: channel === undefined ? null : Number(channel),
  };
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
