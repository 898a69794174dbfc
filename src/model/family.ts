/** The two internet protocols. Whatever is said of an address, route, rule or verdict holds for each by itself. */
export type Family = 'ipv4' | 'ipv6';

export const families: readonly Family[] = ['ipv4', 'ipv6'];

/** One value for each family. */
export type PerFamily<T> = Readonly<Record<Family, T>>;

/** Builds one value for each family. */
export const perFamily = <T>(make: (family: Family) => T): PerFamily<T> => ({ ipv4: make('ipv4'), ipv6: make('ipv6') });
