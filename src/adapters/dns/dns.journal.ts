import type { DnsJournal } from '../../effects/ports.ts';
import { dnsPlaceKey, type DnsRecord } from '../../model/dns.ts';
import type { Problem } from '../../model/errors.ts';
import { done, type OperationResult } from '../../model/network.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';

/** The journal as it was found, and what was wrong with it. */
export interface OpenedDnsJournal {
  readonly journal: DnsJournal;
  readonly problems: readonly Problem[];
}

interface ScopedRecords extends Scope {
  readonly records: readonly DnsRecord[];
}

const format: StateFileFormat<readonly ScopedRecords[]> = { name: 'name-servers.json', version: 1, parse: parseScopes };

/**
 * Opens `name-servers.json` in the state directory: what stood in each place before backhauld wrote there.
 *
 * `put` returns once the record is on disk; when it cannot be written the result is `state.unwritable`, and the place
 * is then not to be changed. What links had is gone with the boot, and its records are dropped; a file outlives it.
 * Records of other network namespaces of this boot are kept for whoever runs there.
 */
export function openDnsJournal(stateDirectory: string, scope: Scope = readScope()): OpenedDnsJournal {
  const file = openStateFile(stateDirectory, format);
  const { value, problems } = file.read();
  const isOther = ({ boot, namespace }: Scope): boolean => boot === scope.boot && namespace !== scope.namespace;
  let others = (value ?? []).filter(isOther);
  let records: ReadonlyMap<string, DnsRecord> = new Map(
    (value ?? [])
      .filter((scoped) => !isOther(scoped))
      .flatMap(({ boot, records: its }) => its.filter(({ manager }) => boot === scope.boot || manager === 'file'))
      .map((record) => [dnsPlaceKey(record), record]),
  );

  function save(changed: ReadonlyMap<string, DnsRecord>): OperationResult {
    // Another daemon may have written since; where the file was damaged meanwhile, what was last known of others holds.
    const now = file.read();
    if (now.problems.length === 0) others = (now.value ?? []).filter(isOther);
    const own = changed.size === 0 ? [] : [{ ...scope, records: [...changed.values()] }];
    const problem = file.write([...others, ...own]);
    if (problem !== null) {
      const message = `${problem.subject ?? format.name} ${problem.message}`;
      return { ok: false, retry: 'retryable', code: 'state.unwritable', message };
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
      put(record) {
        return save(new Map(records).set(dnsPlaceKey(record), record));
      },
      remove(record) {
        const changed = new Map(records);
        return changed.delete(dnsPlaceKey(record)) ? save(changed) : done;
      },
    },
  };
}

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

const managers: readonly unknown[] = ['resolved', 'resolvconf', 'file'] satisfies DnsRecord['manager'][];

const isValue = (value: unknown): boolean => value === null || typeof value === 'string';

const isRecord = (value: unknown): value is DnsRecord =>
  isObject(value) &&
  managers.includes(value['manager']) &&
  Number.isSafeInteger(value['linkIndex']) &&
  typeof value['name'] === 'string' &&
  isPlaceOf(value['manager'], value['name']) &&
  isValue(value['before']) &&
  Array.isArray(value['written']) &&
  value['written'].every(isValue);

/** A damaged record must not have any other file written, nor any name passed on that is none. */
const isPlaceOf = (manager: unknown, name: string): boolean =>
  manager === 'file' ? name === '/etc/resolv.conf' : /^[^/\s\0-][^/\s\0]{0,14}$/u.test(name);
