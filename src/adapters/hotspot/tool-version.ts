import type { Problem } from '../../model/errors.ts';

/** As 2.10 → [2, 10]. */
export type Version = readonly [number, number];

/** Null when the version is new enough; null in its place: the program says none. */
export function tooOld(program: string, version: Version | null, least: Version): Problem | null {
  const isOlder = version === null || version[0] < least[0] || (version[0] === least[0] && version[1] < least[1]);
  if (!isOlder) return null;
  return {
    code: 'hotspot.toolTooOld',
    subject: program,
    message: version === null ? 'it does not say which version it is' : `it is version ${version.join('.')}`,
    remedy: `version ${least.join('.')} or newer is needed`,
  };
}
