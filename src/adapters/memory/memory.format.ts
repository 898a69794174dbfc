import type { InterfaceFacts } from '../../model/interface.ts';
import type { Measured, UplinkMemory } from '../../model/memory.ts';
import type { Round, Sample } from '../../model/probe.ts';
import type { Scope } from '../settings/scope.ts';
import type { StateFileFormat } from '../state-files/state-file.ts';

/** An interface that is the same in all of these is the same one; a swapped or re-created one differs in some. */
export interface Identity {
  readonly index: number;
  readonly name: string;
  readonly macAddress: string | null;
  readonly driver: string | null;
  readonly usb: string | null;
}

/** What is kept from run to run. Instants in it are milliseconds since the machine was started. */
export interface StoredMemory extends Scope {
  readonly writtenAt: number;
  readonly uplinks: readonly { readonly identity: Identity; readonly memory: UplinkMemory }[];
}

export const identityOf = ({ index, name, macAddress, device }: InterfaceFacts): Identity => ({
  index,
  name,
  macAddress,
  driver: device.driver,
  usb: device.usb === null ? null : (device.usb.serial ?? device.usb.port),
});

export const isSameIdentity = (a: Identity, b: Identity): boolean =>
  a.index === b.index && a.name === b.name && a.macAddress === b.macAddress && a.driver === b.driver && a.usb === b.usb;

export const memoryFormat: StateFileFormat<StoredMemory> = {
  name: 'memory.json',
  version: 1,
  parse: (data) => (isStored(data) ? data : undefined),
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNullOr = (value: unknown, check: (value: unknown) => boolean): boolean => value === null || check(value);
const isListOf = (value: unknown, check: (value: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(check);
const isOneOf =
  (words: readonly string[]) =>
  (value: unknown): boolean =>
    isText(value) && words.includes(value);

const isStored = (value: unknown): value is StoredMemory =>
  isObject(value) &&
  isText(value['boot']) &&
  isText(value['namespace']) &&
  isNumber(value['writtenAt']) &&
  isListOf(value['uplinks'], (each) => isObject(each) && isIdentity(each['identity']) && isMemory(each['memory']));

const isIdentity = (value: unknown): value is Identity =>
  isObject(value) &&
  Number.isSafeInteger(value['index']) &&
  isText(value['name']) &&
  isNullOr(value['macAddress'], isText) &&
  isNullOr(value['driver'], isText) &&
  isNullOr(value['usb'], isText);

const isMemory = (value: unknown): value is UplinkMemory =>
  isObject(value) &&
  isNullOr(value['lifecycle'], isLifecycle) &&
  isDamping(value['damping']) &&
  isObject(value['measured']) &&
  isNullOr(value['measured']['ipv4'], isMeasured) &&
  isNullOr(value['measured']['ipv6'], isMeasured);

const isLifecycle = (value: unknown): boolean =>
  isObject(value) && isOneOf(['up', 'degraded', 'down', 'probing'])(value['state']) && isNumber(value['since']);

const isDamping = (value: unknown): boolean =>
  isObject(value) &&
  isNumber(value['merit']) &&
  value['merit'] >= 0 &&
  isNumber(value['at']) &&
  typeof value['isSuppressed'] === 'boolean';

const isMeasured = (value: unknown): value is Measured =>
  isObject(value) &&
  isText(value['source']) &&
  isNullOr(value['gateway'], isText) &&
  isOneOf(['unknown', 'healthy', 'degraded', 'failed'])(value['verdict']) &&
  isListOf(value['rounds'], isRound);

const isRound = (value: unknown): value is Round =>
  isObject(value) &&
  Number.isSafeInteger(value['id']) &&
  isNumber(value['startedAt']) &&
  isOneOf(['interval', 'burst'])(value['cause']) &&
  isListOf(value['samples'], isSample);

const isSample = (value: unknown): value is Sample =>
  isObject(value) &&
  isText(value['target']) &&
  isNullOr(value['rtt'], (rtt) => isNumber(rtt) && rtt >= 0) &&
  isNullOr(value['failure'], isText) &&
  typeof value['retransmitted'] === 'boolean';
