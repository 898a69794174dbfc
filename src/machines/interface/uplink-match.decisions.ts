import type { UplinkConfig, UplinkMatch } from '../../model/config.ts';
import type { InterfaceFacts } from '../../model/interface.ts';

/**
 * Whether a name matches a glob of `*` (any run of characters) and `?` (any one character).
 * Walks both texts once and goes back to the last `*` only, so that no pattern can make it slow.
 */
export function matchesGlob(glob: string, name: string): boolean {
  let inGlob = 0;
  let inName = 0;
  let star = -1;
  let resumeAt = 0;
  while (inName < name.length) {
    if (glob[inGlob] === '*') {
      star = inGlob++;
      resumeAt = inName;
    } else if (glob[inGlob] === '?' || glob[inGlob] === name[inName]) {
      inGlob++;
      inName++;
    } else if (star >= 0) {
      inGlob = star + 1;
      inName = ++resumeAt;
    } else {
      return false;
    }
  }
  while (glob[inGlob] === '*') inGlob++;
  return inGlob === glob.length;
}

export const matchesAnyGlob = (globs: readonly string[], name: string): boolean =>
  globs.some((glob) => matchesGlob(glob, name));

/** The first `[[uplink]]` entry that applies to an interface; null when none does. */
export const uplinkConfigOf = (facts: InterfaceFacts, entries: readonly UplinkConfig[]): UplinkConfig | null =>
  entries.find(({ match }) => matches(match, facts)) ?? null;

/** Whatever an entry names must fit. One that names nothing fits nothing: it would silently apply to every device. */
function matches(match: UplinkMatch, { name, macAddress, device }: InterfaceFacts): boolean {
  const tests = [
    match.name === undefined ? null : matchesGlob(match.name, name),
    match.mac === undefined ? null : match.mac.toLowerCase() === macAddress?.toLowerCase(),
    match.driver === undefined ? null : match.driver === device.driver,
    match.usbSerial === undefined ? null : match.usbSerial === device.usb?.serial,
  ].filter((test) => test !== null);
  return tests.length > 0 && tests.every(Boolean);
}

/** What an entry matches on, as the operator wrote it. */
export function describeMatch(match: UplinkMatch): string {
  return Object.entries(match)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
}
