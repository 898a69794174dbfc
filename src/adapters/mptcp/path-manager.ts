import { readFileSync } from 'node:fs';
import type { MptcpTarget } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { errnoName, errnos, loadLibc } from '../libc/libc.ts';
import { NetlinkSocket, netlinkProtocol } from '../netlink/ffi/netlink-socket.ts';
import { Requests } from '../netlink/ffi/requests.ts';
import { openEndpointJournal, type EndpointJournal } from './endpoints.journal.ts';
import {
  controlFamily,
  decodeEndpoint,
  decodeFamily,
  decodeLimits,
  encodeAnnouncement,
  encodeEndpointsRequest,
  encodeFamilyRequest,
  encodeLimits,
  encodeLimitsRequest,
  encodeWithdrawal,
  type Endpoint,
  type Limits,
} from './path-manager.codec.ts';

/** MPTCP_PM_ADDR_MAX: no node may announce more, and no connection may have more paths. */
const mostEndpoints = 8;

export interface PathManager extends MptcpTarget {
  /** Withdraws what was announced and puts the limits back; paths that stand live on where they can. Idempotent. */
  close(): void;
}

/**
 * Opens the kernel's path manager of MPTCP; null where there is none, MPTCP is switched off, or another path manager
 * serves it. What a former run has announced is taken over.
 */
export async function openPathManager(
  stateDirectory: string,
  onProblem: (problem: Problem) => void,
): Promise<PathManager | null> {
  if (!isEnabled()) return null;
  const loaded = await loadLibc();
  if (!loaded.ok) return null;
  const socket = NetlinkSocket.open(loaded.libc, 'requests', netlinkProtocol.generic);
  if (typeof socket === 'number') return null;
  const requests = new Requests(socket);
  const family = requests.get(controlFamily, encodeFamilyRequest(), ({ payload }) => decodeFamily(payload)) ?? null;
  if (family === null) {
    socket.close();
    return null;
  }
  const { journal, problems } = openEndpointJournal(stateDirectory);
  for (const problem of problems) onProblem(problem);
  return new KernelPathManager(socket, requests, family, journal);
}

const settings = '/proc/sys/net/mptcp';

/** `path_manager` since Linux 6.16, `pm_type` before: 0 is the kernel's own. */
function isEnabled(): boolean {
  const value = (name: string): string | null => {
    try {
      return readFileSync(`${settings}/${name}`, 'utf8').trim();
    } catch {
      return null;
    }
  };
  return value('enabled') === '1' && (value('pm_type') ?? '0') === '0';
}

class KernelPathManager implements PathManager {
  readonly #socket: NetlinkSocket;
  readonly #requests: Requests;
  readonly #family: number;
  readonly #journal: EndpointJournal;
  #isClosed = false;

  constructor(socket: NetlinkSocket, requests: Requests, family: number, journal: EndpointJournal) {
    this.#socket = socket;
    this.#requests = requests;
    this.#family = family;
    this.#journal = journal;
    const standing = this.#standing();
    const endpoints = journal.record.endpoints.filter((own) => standing.some((one) => isSame(one, own)));
    if (endpoints.length < journal.record.endpoints.length) journal.save({ ...journal.record, endpoints });
  }

  get announced(): readonly string[] {
    return this.#journal.record.endpoints.map(({ address }) => address);
  }

  announce(address: string, linkIndex: number): Problem | null {
    const standing = this.#standing();
    // Somebody else announces it: that serves as well, and stays theirs.
    if (this.#isClosed || standing.some((one) => one.address === address)) return null;
    const { record } = this.#journal;
    const id = freeId([...standing, ...record.endpoints]);
    if (id === null || standing.length >= mostEndpoints) return null;
    const endpoint = { id, address };
    const message = encodeAnnouncement(endpoint, linkIndex);
    if (message === null) return null;
    const unwritten =
      this.#raiseLimits() ??
      this.#journal.save({ ...this.#journal.record, endpoints: [...record.endpoints, endpoint] });
    if (unwritten !== null) return unwritten;
    const { errno } = this.#requests.change(this.#family, 0, message);
    if (errno === 0) return null;
    this.#journal.save({ ...this.#journal.record, endpoints: record.endpoints });
    return refused(`${address} is not announced`, errno);
  }

  withdraw(address: string): Problem | null {
    const { record } = this.#journal;
    const own = record.endpoints.find((one) => one.address === address);
    if (this.#isClosed || own === undefined) return null;
    const errno = this.#delete(own);
    // The path that a connection began with has the id 0, whatever the endpoint's is.
    this.#delete({ id: 0, address });
    this.#journal.save({ ...record, endpoints: record.endpoints.filter((one) => one !== own) });
    return errno === 0 || errno === errnos.EINVAL ? null : refused(`${address} is still announced`, errno);
  }

  close(): void {
    if (this.#isClosed) return;
    const { endpoints, limits } = this.#journal.record;
    for (const endpoint of endpoints) this.#delete(endpoint);
    const now = this.#limits();
    // Who has changed them since has the last word.
    if (limits !== null && now !== null && isSameLimits(now, limits.written)) {
      this.#requests.change(this.#family, 0, encodeLimits(limits.before));
    }
    if (endpoints.length > 0 || limits !== null) this.#journal.save({ endpoints: [], limits: null });
    this.#isClosed = true;
    this.#socket.close();
  }

  /** An endpoint that somebody has put in the place of ours is theirs. */
  #delete(endpoint: Endpoint): number {
    if (endpoint.id !== 0 && !this.#standing().some((one) => isSame(one, endpoint))) return 0;
    const message = encodeWithdrawal(endpoint);
    return message === null ? 0 : this.#requests.change(this.#family, 0, message).errno;
  }

  #standing(): readonly Endpoint[] {
    const answer = this.#requests.dump(this.#family, encodeEndpointsRequest(), ({ payload }) =>
      decodeEndpoint(payload),
    );
    return 'values' in answer ? answer.values : [];
  }

  #limits(): Limits | null {
    return this.#requests.get(this.#family, encodeLimitsRequest(), ({ payload }) => decodeLimits(payload)) ?? null;
  }

  /** A connection may have a path by each uplink. */
  #raiseLimits(): Problem | null {
    const { record } = this.#journal;
    const now = this.#limits();
    if (record.limits !== null || now === null || now.subflows >= mostEndpoints) return null;
    const written = { ...now, subflows: mostEndpoints };
    const problem = this.#journal.save({ ...record, limits: { before: now, written } });
    if (problem === null) this.#requests.change(this.#family, 0, encodeLimits(written));
    return problem;
  }
}

const isSame = (a: Endpoint, b: Endpoint): boolean => a.id === b.id && a.address === b.address;
const isSameLimits = (a: Limits, b: Limits): boolean =>
  a.subflows === b.subflows && a.acceptedAddresses === b.acceptedAddresses;

/** From above: others count from below. */
function freeId(taken: readonly Endpoint[]): number | null {
  for (let id = 255; id > 0; id--) if (taken.every((one) => one.id !== id)) return id;
  return null;
}

const refused = (what: string, errno: number): Problem => ({
  code: 'kernel.refused',
  subject: 'MPTCP',
  message: `${what} to MPTCP connections: ${errnoName(errno)}`,
  remedy: 'connections that use it end with their uplink',
});
