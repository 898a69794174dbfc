/** The value of before where it holds the same as the one of now, so that what did not change stays the same object. */
export function unlessSame<T extends object>(before: T | null | undefined, now: T): T {
  if (before === null || before === undefined) return now;
  for (const key in now) if (before[key] !== now[key]) return now;
  for (const key in before) if (!(key in now)) return now;
  return before;
}

/** The same for lists, by their elements. */
export const unlessSameList = <T>(before: readonly T[], now: readonly T[]): readonly T[] =>
  before.length === now.length && now.every((item, position) => item === before[position]) ? before : now;
