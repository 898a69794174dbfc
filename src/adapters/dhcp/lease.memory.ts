import { isIPv4 } from 'node:net';
import { parsePrefix } from '../../model/address.ts';
import type { Problem } from '../../model/errors.ts';
import type { HeldLease, Lease } from '../../model/lease.ts';
import { milliseconds } from '../../model/units.ts';
import { createBootClock, type BootClock } from '../memory/boot-clock.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';

interface StoredLease extends HeldLease {
  /** On the clock of the boot, in milliseconds; null: for ever. */
  readonly until: number | null;
}

interface StoredLeases extends Scope {
  readonly leases: readonly StoredLease[];
}

/** Which leases are held, for the run after a crash. */
export interface LeaseMemory {
  /** What the former run held, with the time that is left of it. */
  readonly remembered: readonly HeldLease[];
  note(held: HeldLease): void;
  forget(index: number): void;
  /** Resolves when all is written. */
  settled(): Promise<void>;
}

export interface LeaseMemoryOptions {
  readonly directory: string;
  readonly onProblem: (problem: Problem) => void;
  readonly bootClock?: BootClock;
  readonly scope?: Scope;
}

/** In milliseconds. */
const worthWriting = 10_000;

const format: StateFileFormat<StoredLeases> = { name: 'leases.json', version: 1, parse: parseLeases };

/**
 * Opens `leases.json` in the state directory. Times are counted from the start of the machine, as no wall clock is asked;
 * what was written in another boot or another network namespace is not recalled. It is written off the event loop, when a
 * lease is granted, renewed or lost.
 */
export function openLeaseMemory(options: LeaseMemoryOptions): LeaseMemory {
  const { directory, onProblem, bootClock = createBootClock(), scope = readScope() } = options;
  const file = openStateFile(directory, format);
  const { value, problems } = file.read();
  for (const problem of problems) onProblem(problem);
  const now = bootClock.sinceBoot();
  const isOurs = value !== null && value.boot === scope.boot && value.namespace === scope.namespace && now !== null;
  const stored = isOurs ? value.leases.filter(({ until }) => until === null || until > now) : [];
  const known = new Map(stored.map((each) => [each.index, each]));
  let writing: Promise<void> = Promise.resolve();
  let isDue = false;
  let isFailing = false;

  const write = async (): Promise<void> => {
    isDue = false;
    const problem = await file.writeLater({ ...scope, leases: [...known.values()] });
    if (problem !== null && !isFailing) onProblem(problem);
    isFailing = problem !== null;
  };
  const save = (): void => {
    if (isDue) return;
    isDue = true;
    writing = writing.then(write);
  };

  return {
    remembered: stored.map(({ index, name, lease, until }) => ({
      index,
      name,
      lease: { ...lease, duration: until === null || now === null ? null : milliseconds(until - now) },
    })),
    note({ index, name, lease }) {
      const sinceBoot = bootClock.sinceBoot();
      if (sinceBoot === null) return;
      const before = known.get(index);
      const now = { index, name, lease, until: lease.duration === null ? null : sinceBoot + lease.duration };
      if (before !== undefined && isAlike(before, now)) return;
      known.set(index, now);
      save();
    },
    forget(index) {
      if (known.delete(index)) save();
    },
    settled: async () => writing,
  };
}

/** The same lease, not much longer: one of a few seconds is renewed all the time, and the disk need not hear of it. */
const isAlike = (before: StoredLease, now: StoredLease): boolean =>
  JSON.stringify({ ...before, until: 0 }) === JSON.stringify({ ...now, until: 0 }) &&
  (before.until === now.until || Number(now.until) - Number(before.until) < worthWriting);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function parseLeases(data: unknown): StoredLeases | undefined {
  return isLeases(data) ? data : undefined;
}

const isLeases = (value: unknown): value is StoredLeases =>
  isObject(value) &&
  typeof value['boot'] === 'string' &&
  typeof value['namespace'] === 'string' &&
  Array.isArray(value['leases']) &&
  value['leases'].every(isStored);

const isStored = (value: unknown): value is StoredLease =>
  isObject(value) &&
  Number.isSafeInteger(value['index']) &&
  typeof value['name'] === 'string' &&
  isNumberOrNull(value['until']) &&
  isLease(value['lease']);

const isNumberOrNull = (value: unknown): boolean => value === null || Number.isFinite(value);
const isAddress = (value: unknown): boolean => typeof value === 'string' && isIPv4(value);
const isAddressOrNull = (value: unknown): boolean => value === null || isAddress(value);

const isLease = (value: unknown): value is Lease =>
  isObject(value) &&
  isAddress(value['address']) &&
  Number.isSafeInteger(value['prefixLength']) &&
  Number(value['prefixLength']) >= 1 &&
  Number(value['prefixLength']) <= 32 &&
  isAddressOrNull(value['gateway']) &&
  isAddressOrNull(value['server']) &&
  isNumberOrNull(value['mtu']) &&
  isNumberOrNull(value['duration']) &&
  Array.isArray(value['dns']) &&
  value['dns'].every(isAddress) &&
  Array.isArray(value['routes']) &&
  value['routes'].every(
    (route: unknown) =>
      isObject(route) &&
      typeof route['destination'] === 'string' &&
      parsePrefix(route['destination'])?.family === 'ipv4' &&
      isAddressOrNull(route['gateway']),
  );
