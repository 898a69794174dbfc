import type { Problem } from '../../model/errors.ts';
import { done, settingKey, type OperationResult, type SettingRecord } from '../../model/network.ts';
import type { SettingsJournal } from '../../effects/ports.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';
import { readScope, type Scope } from './scope.ts';

/** The journal as it was found, and what was wrong with it. */
export interface OpenedJournal {
  readonly journal: SettingsJournal;
  readonly problems: readonly Problem[];
}

interface ScopedRecords extends Scope {
  readonly records: readonly SettingRecord[];
}

const format: StateFileFormat<readonly ScopedRecords[]> = { name: 'settings.json', version: 1, parse: parseScopes };

/**
 * Opens `settings.json` in the state directory: what each setting was before backhauld changed it.
 *
 * `add` returns once the record is on disk; when it cannot be written the result is `state.unwritable`, and the setting
 * is then not to be changed. Records of an earlier boot tell of links that are no more, and are dropped; those of other
 * network namespaces are kept for whoever runs there, as they stand in the file at each write.
 */
export function openSettingsJournal(stateDirectory: string, scope: Scope = readScope()): OpenedJournal {
  const file = openStateFile(stateDirectory, format);
  const { value, problems } = file.read();
  const found = (value ?? []).filter(({ boot }) => boot === scope.boot);
  const isOther = ({ boot, namespace }: Scope): boolean => boot === scope.boot && namespace !== scope.namespace;
  let others = found.filter(isOther);
  let records: ReadonlyMap<string, SettingRecord> = new Map(
    found
      .filter((scoped) => !isOther(scoped))
      .flatMap((scoped) => scoped.records.map((record) => [settingKey(record), record])),
  );

  /** Another daemon may have written since; where the file was damaged meanwhile, what was last known of others holds. */
  function lookAtOthers(): void {
    const now = file.read();
    if (now.problems.length === 0) others = (now.value ?? []).filter(isOther);
  }

  function save(changed: ReadonlyMap<string, SettingRecord>): OperationResult {
    lookAtOthers();
    const problem = file.write([
      ...others,
      ...(changed.size === 0 ? [] : [{ ...scope, records: [...changed.values()] }]),
    ]);
    if (problem !== null) {
      return {
        ok: false,
        retry: 'retryable',
        code: 'state.unwritable',
        message: `${problem.subject ?? format.name} ${problem.message}`,
      };
    }
    records = changed;
    return done;
  }

  return {
    problems,
    journal: {
      get records() {
        return records;
      },
      add(record) {
        return save(new Map(records).set(settingKey(record), record));
      },
      remove(record) {
        const changed = new Map(records);
        return changed.delete(settingKey(record)) ? save(changed) : done;
      },
    },
  };
}

const keys: ReadonlySet<string> = new Set<SettingRecord['key']>([
  'rp_filter',
  'ignore_routes_with_linkdown',
  'accept_ra',
  'arp_ignore',
  'arp_announce',
  'forwarding',
  'promote_secondaries',
]);

function parseScopes(data: unknown): readonly ScopedRecords[] | undefined {
  return Array.isArray(data) && data.every(isScoped) ? data : undefined;
}

const isScoped = (value: unknown): value is ScopedRecords =>
  isObject(value) &&
  typeof value['boot'] === 'string' &&
  typeof value['namespace'] === 'string' &&
  Array.isArray(value['records']) &&
  value['records'].every(isRecord);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isRecord = (value: unknown): value is SettingRecord =>
  isObject(value) &&
  Number.isSafeInteger(value['linkIndex']) &&
  typeof value['interface'] === 'string' &&
  (value['family'] === 'ipv4' || value['family'] === 'ipv6') &&
  typeof value['key'] === 'string' &&
  keys.has(value['key']) &&
  typeof value['before'] === 'string' &&
  typeof value['written'] === 'string';
