import type { HotspotJournal } from '../../effects/ports.ts';
import { parsePrefix } from '../../model/address.ts';
import type { Problem } from '../../model/errors.ts';
import { hotspotPartKey, hotspotPartKinds, type HotspotPart, type HotspotRecord } from '../../model/hotspot-parts.ts';
import { done, type OperationResult } from '../../model/network.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';
import { isPathSafeName } from '../sysfs/link-name.ts';

/** The file's name in the state directory. */
export const hotspotJournalFile = 'hotspot-parts.json';

/** The journal as it was found, and what was wrong with it. */
export interface OpenedHotspotJournal {
  readonly journal: HotspotJournal;
  readonly problems: readonly Problem[];
}

interface ScopedRecords extends Scope {
  readonly records: readonly HotspotRecord[];
}

const format: StateFileFormat<readonly ScopedRecords[]> = {
  name: hotspotJournalFile,
  version: 1,
  parse: (data) => (Array.isArray(data) && data.every(isScoped) ? data : undefined),
};

/**
 * Opens the record of what was changed for the hotspot.
 *
 * `put` returns once it is on disk; what cannot be recorded is then not to be done. All of it is gone with the boot, and
 * so are its records; those of other network namespaces are kept for whoever runs there.
 */
export function openHotspotJournal(stateDirectory: string, scope: Scope = readScope()): OpenedHotspotJournal {
  const file = openStateFile(stateDirectory, format);
  const { value, problems } = file.read();
  const isOther = ({ boot, namespace }: Scope): boolean => boot === scope.boot && namespace !== scope.namespace;
  let others = (value ?? []).filter(isOther);
  let records: readonly HotspotRecord[] = (value ?? []).flatMap((scoped) =>
    scoped.boot === scope.boot && !isOther(scoped) ? scoped.records : [],
  );

  function save(changed: readonly HotspotRecord[]): OperationResult {
    const now = file.read();
    if (now.problems.length === 0) others = (now.value ?? []).filter(isOther);
    const own = changed.length === 0 ? [] : [{ ...scope, records: changed }];
    const problem = file.write([...others, ...own]);
    if (problem !== null) {
      const message = `${problem.subject ?? format.name} ${problem.message}`;
      return { ok: false, retry: 'retryable', code: 'state.unwritable', message };
    }
    records = changed;
    return done;
  }

  const without = (key: string): readonly HotspotRecord[] => records.filter(({ part }) => hotspotPartKey(part) !== key);
  return {
    problems,
    journal: {
      get records() {
        return records;
      },
      put: (record) => save([...without(hotspotPartKey(record.part)), record]),
      remove(key) {
        const rest = without(key);
        return rest.length === records.length ? done : save(rest);
      },
    },
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isScoped = (value: unknown): value is ScopedRecords =>
  isObject(value) &&
  typeof value['boot'] === 'string' &&
  typeof value['namespace'] === 'string' &&
  Array.isArray(value['records']) &&
  value['records'].every(isRecord);

const isRecord = (value: unknown): value is HotspotRecord =>
  isObject(value) &&
  isPart(value['part']) &&
  isObject(value['before']) &&
  Object.values(value['before']).every((one) => typeof one === 'string');

const kinds: ReadonlySet<unknown> = new Set(hotspotPartKinds);

/** What is passed to programs and to the kernel when a part is taken away must be what it is said to be. */
const isPart = (value: unknown): value is HotspotPart =>
  isObject(value) &&
  kinds.has(value['kind']) &&
  ['interface', 'radio', 'phy'].every((name) => !(name in value) || isName(value[name])) &&
  (value['kind'] === 'ipv6Forwarding' || isName(value['interface'])) &&
  (value['kind'] !== 'address' || (isObject(value['address']) && Object.values(value['address']).every(isPrefix))) &&
  (value['kind'] !== 'radio' || (typeof value['country'] === 'string' && typeof value['isTaken'] === 'boolean'));

const isName = (value: unknown): boolean =>
  typeof value === 'string' && isPathSafeName(value) && !value.startsWith('-');
const isPrefix = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && parsePrefix(value) !== undefined);
