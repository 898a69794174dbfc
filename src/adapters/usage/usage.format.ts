import type { MeteredPolicy } from '../../model/config.ts';
import { budgetLevels, type CounterBaseline, type UsageAccount, type UsageRecord } from '../../model/usage.ts';
import type { Scope } from '../settings/scope.ts';
import type { StateFileFormat } from '../state-files/state-file.ts';

/** The record, and where its baselines mean something. */
export interface StoredUsage extends Scope, UsageRecord {
  /** The state directory that it belongs to. */
  readonly of: string;
  /** The higher, the later. */
  readonly serial: number;
}

export const usageFormat: StateFileFormat<StoredUsage> = {
  name: 'usage.json',
  version: 1,
  parse: (data) => (isStored(data) ? data : undefined),
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;
/** What a Date can be made of. */
const isMoment = (value: unknown): value is number => Number.isFinite(value) && Math.abs(Number(value)) <= 8.64e15;
const isListOf = (value: unknown, check: (value: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(check);
const isOneOf = (words: readonly string[], value: unknown): boolean => isText(value) && words.includes(value);

const isStored = (value: unknown): value is StoredUsage =>
  isObject(value) &&
  isText(value['boot']) &&
  isText(value['namespace']) &&
  isText(value['of']) &&
  isCount(value['serial']) &&
  isListOf(value['accounts'], isAccount) &&
  isListOf(value['baselines'], isBaseline);

const isBaseline = (value: unknown): value is CounterBaseline =>
  isObject(value) &&
  Number.isSafeInteger(value['index']) &&
  isText(value['identity']) &&
  isCount(value['receivedBytes']) &&
  isCount(value['sentBytes']);

const isAccount = (value: unknown): value is UsageAccount =>
  isObject(value) &&
  isText(value['identity']) &&
  isText(value['name']) &&
  (value['policy'] === null || isPolicy(value['policy'])) &&
  isCount(value['receivedBytes']) &&
  isCount(value['sentBytes']) &&
  isMoment(value['since']) &&
  isMoment(value['lastSeen']) &&
  isMoment(value['anchor']) &&
  isListOf(value['periods'], isPeriod) &&
  (value['current'] === null || isMoment(value['current']));

const isPeriod = (value: unknown): boolean =>
  isObject(value) &&
  isMoment(value['start']) &&
  (value['end'] === null || isMoment(value['end'])) &&
  isCount(value['usedBytes']) &&
  isOneOf(budgetLevels, value['told']);

const isPolicy = (value: unknown): value is MeteredPolicy =>
  isObject(value) &&
  value['kind'] === 'metered' &&
  isCount(value['budget']) &&
  value['budget'] > 0 &&
  isOneOf(['monthly', 'days', 'prepaid'], value['period']) &&
  isIntegerIn(value['startDay'], 1, 31) &&
  isIntegerIn(value['days'], 1, 3660) &&
  (value['timeZone'] === undefined || isTimeZone(value['timeZone'])) &&
  isOneOf(['block', 'throttle', 'warn'], value['atLimit']);

const isIntegerIn = (value: unknown, from: number, to: number): boolean =>
  Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;

/** Whether the machine knows the days of that zone. */
export function isTimeZone(value: unknown): boolean {
  if (!isText(value)) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
