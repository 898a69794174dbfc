import type { Problem } from '../../model/errors.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';
import type { Endpoint, Limits } from './path-manager.codec.ts';

/** What was announced to MPTCP, and what its limits were before; on disk before it is done. */
export interface EndpointRecord {
  readonly endpoints: readonly Endpoint[];
  /** Null: they were not changed. */
  readonly limits: { readonly before: Limits; readonly written: Limits } | null;
}

interface Scoped extends Scope, EndpointRecord {}

export interface EndpointJournal {
  readonly record: EndpointRecord;
  /** Writes the record in place of the former; the problem when that cannot be done. */
  save(record: EndpointRecord): Problem | null;
}

const nothing: EndpointRecord = { endpoints: [], limits: null };
const format: StateFileFormat<readonly Scoped[]> = { name: 'mptcp.json', version: 1, parse: parseRecords };

/** Opens `mptcp.json` in the state directory. It holds for one boot and one network namespace, as that of settings. */
export function openEndpointJournal(
  stateDirectory: string,
  scope: Scope = readScope(),
): { readonly journal: EndpointJournal; readonly problems: readonly Problem[] } {
  const file = openStateFile(stateDirectory, format);
  const { value, problems } = file.read();
  const isOwn = ({ boot, namespace }: Scope): boolean => boot === scope.boot && namespace === scope.namespace;
  const found = value?.find(isOwn);
  let record: EndpointRecord = found === undefined ? nothing : { endpoints: found.endpoints, limits: found.limits };
  return {
    problems,
    journal: {
      get record() {
        return record;
      },
      save(next) {
        const others = (file.read().value ?? []).filter((one) => one.boot === scope.boot && !isOwn(one));
        const isEmpty = next.endpoints.length === 0 && next.limits === null;
        const problem = file.write(isEmpty ? others : [...others, { ...scope, ...next }]);
        if (problem === null) record = next;
        return problem;
      },
    },
  };
}

function parseRecords(data: unknown): readonly Scoped[] | undefined {
  return Array.isArray(data) && data.every(isScoped) ? data : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isScoped = (value: unknown): value is Scoped =>
  isObject(value) &&
  typeof value['boot'] === 'string' &&
  typeof value['namespace'] === 'string' &&
  Array.isArray(value['endpoints']) &&
  value['endpoints'].every(isEndpoint) &&
  (value['limits'] === null ||
    (isObject(value['limits']) && isLimits(value['limits']['before']) && isLimits(value['limits']['written'])));

const isEndpoint = (value: unknown): value is Endpoint =>
  isObject(value) && Number.isSafeInteger(value['id']) && typeof value['address'] === 'string';

const isLimits = (value: unknown): value is Limits =>
  isObject(value) && Number.isSafeInteger(value['acceptedAddresses']) && Number.isSafeInteger(value['subflows']);
