import type { LinkJournal } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import {
  addressRecordKey,
  done,
  type AddressRecord,
  type LinkRecord,
  type OperationResult,
} from '../../model/network.ts';
import { readScope, type Scope } from '../settings/scope.ts';
import { openStateFile, type StateFileFormat } from '../state-files/state-file.ts';

interface ScopedRecords extends Scope {
  readonly addresses: readonly AddressRecord[];
  readonly links: readonly LinkRecord[];
}

const format: StateFileFormat<readonly ScopedRecords[]> = { name: 'links.json', version: 1, parse: parseScopes };

/**
 * Opens `links.json` in the state directory: which addresses backhauld has put on links, and what these were like before.
 * It holds for one boot and one network namespace, as that of settings; what it says of others is kept for them.
 *
 * What adds a record returns once it is on disk; when it cannot be written the result is `state.unwritable`, and nothing is
 * then to be put on a link.
 */
export function openLinkJournal(
  stateDirectory: string,
  scope: Scope = readScope(),
): { readonly journal: LinkJournal; readonly problems: readonly Problem[] } {
  const file = openStateFile(stateDirectory, format);
  const { value, problems } = file.read();
  const isOwn = ({ boot, namespace }: Scope): boolean => boot === scope.boot && namespace === scope.namespace;
  const found = value?.find(isOwn);
  let addresses: ReadonlyMap<string, AddressRecord> = new Map(
    (found?.addresses ?? []).map((record) => [addressRecordKey(record), record]),
  );
  let links: ReadonlyMap<number, LinkRecord> = new Map(
    (found?.links ?? []).map((record) => [record.linkIndex, record]),
  );
  let others = (value ?? []).filter((one) => one.boot === scope.boot && !isOwn(one));

  function save(nextAddresses: typeof addresses, nextLinks: typeof links): OperationResult {
    // Another daemon may have written since; where the file was damaged meanwhile, what was last known of others holds.
    const now = file.read();
    if (now.problems.length === 0) others = (now.value ?? []).filter((one) => one.boot === scope.boot && !isOwn(one));
    const isEmpty = nextAddresses.size === 0 && nextLinks.size === 0;
    const own = { ...scope, addresses: [...nextAddresses.values()], links: [...nextLinks.values()] };
    const problem = file.write(isEmpty ? others : [...others, own]);
    if (problem !== null) {
      const message = `${problem.subject ?? format.name} ${problem.message}`;
      return { ok: false, retry: 'retryable', code: 'state.unwritable', message };
    }
    addresses = nextAddresses;
    links = nextLinks;
    return done;
  }

  return {
    problems,
    journal: {
      get addresses() {
        return addresses;
      },
      get links() {
        return links;
      },
      putAddress: (record) => save(new Map(addresses).set(addressRecordKey(record), record), links),
      removeAddress(record) {
        const next = new Map(addresses);
        return next.delete(addressRecordKey(record)) ? save(next, links) : done;
      },
      putLink: (record) => save(addresses, new Map(links).set(record.linkIndex, record)),
      removeLink(record) {
        const next = new Map(links);
        return next.delete(record.linkIndex) ? save(addresses, next) : done;
      },
    },
  };
}

function parseScopes(data: unknown): readonly ScopedRecords[] | undefined {
  return Array.isArray(data) && data.every(isScoped) ? data : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isScoped = (value: unknown): value is ScopedRecords =>
  isObject(value) &&
  typeof value['boot'] === 'string' &&
  typeof value['namespace'] === 'string' &&
  Array.isArray(value['addresses']) &&
  value['addresses'].every(isAddress) &&
  Array.isArray(value['links']) &&
  value['links'].every(isLink);

const isOfLink = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && Number.isSafeInteger(value['linkIndex']) && typeof value['interface'] === 'string';

const isAddress = (value: unknown): value is AddressRecord =>
  isOfLink(value) &&
  (value['family'] === 'ipv4' || value['family'] === 'ipv6') &&
  typeof value['address'] === 'string' &&
  Number.isSafeInteger(value['prefixLength']);

const isLink = (value: unknown): value is LinkRecord =>
  isOfLink(value) && typeof value['wasRaised'] === 'boolean' && (value['mtu'] === null || isMtu(value['mtu']));

const isMtu = (value: unknown): boolean =>
  isObject(value) && Number.isSafeInteger(value['before']) && Number.isSafeInteger(value['written']);
