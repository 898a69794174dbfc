import type { Namespace } from './namespace.ts';

/**
 * Everything in a namespace that a routing daemon may have changed, as sorted lines: rules, routes of all tables,
 * addresses, and the settings of each interface. Lifetimes that run down are left out.
 */
export async function snapshotNetwork(namespace: Pick<Namespace, 'exec'>): Promise<readonly string[]> {
  const show = async (label: string, ...args: readonly string[]) => {
    const shown = await namespace.exec('ip', args);
    return shown
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `${label} ${withoutLifetimes(line)}`);
  };
  const settings = await namespace.exec('sysctl', ['-a', '--pattern', String.raw`^net\.ipv[46]\.conf\.`]);
  const parts = await Promise.all([
    show('rule', '-4', 'rule'),
    show('rule6', '-6', 'rule'),
    show('route', '-4', 'route', 'show', 'table', 'all'),
    show('route6', '-6', 'route', 'show', 'table', 'all'),
    show('address', '-o', 'address'),
  ]);
  return [...parts.flat(), ...settings.split('\n')].toSorted();
}

const withoutLifetimes = (line: string): string =>
  line
    .replaceAll(/\\?\s+(?:valid_lft|preferred_lft|expires) \w+/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();

export interface Difference {
  readonly missing: readonly string[];
  readonly additional: readonly string[];
}

export const compareSnapshots = (before: readonly string[], after: readonly string[]): Difference => ({
  missing: before.filter((line) => !after.includes(line)),
  additional: after.filter((line) => !before.includes(line)),
});
