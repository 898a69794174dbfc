import { isInNetwork } from '../../model/address.ts';
import type { Problem } from '../../model/errors.ts';
import type { End, SocketFailure, UplinkPath, UplinkSockets } from '../sockets/uplink-sockets.ts';
import { NameCache } from './name-cache.ts';
import { familyNames, lookUp, type LookupOutcome, type NameServer } from './name-lookup.ts';

/** Knows whom to ask for names by an uplink. */
export interface NameServerSource {
  /** The uplink's own name servers that it has an address to be asked from for, best first. Never rejects. */
  of(index: number): Promise<readonly NameServer[]>;
}

export interface NameResolverOptions {
  readonly source: NameServerSource;
  readonly onProblem: (problem: Problem) => void;
  readonly onSolved: (problem: Problem) => void;
}

export type Resolution = { readonly ok: true; readonly address: string } | SocketFailure;

/** A lookup under way, and those who wait for it. */
interface Running {
  readonly waiting: Set<(outcome: Resolution) => void>;
  end: End;
}

/** A lookup that no probe waits for is given up after this time, in milliseconds. */
const longestRefresh = 3000;

/** Networks that no public name has an address in (RFC 1918, 6598, 4193). */
const privateNetworks: readonly (readonly [prefix: string, length: number])[] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
];

/**
 * Resolves names through the uplink that is probed, and through none other (HLTH-2).
 *
 * What was answered is kept for its TTL, at least a minute and at most an hour, for that uplink and address alone; it is
 * asked for anew a little before that is over. Probes of one name at one time ask once. A name that cannot be resolved is
 * told of once, and so is one that resolves to a private address: a portal may be behind it.
 */
export class NameResolver {
  readonly #sockets: UplinkSockets;
  readonly #options: NameResolverOptions;
  readonly #cache = new NameCache();
  readonly #running = new Map<string, Running>();
  /** By ifindex, then by name and family. */
  readonly #standing = new Map<number, Map<string, Problem>>();

  constructor(sockets: UplinkSockets, options: NameResolverOptions) {
    this.#sockets = sockets;
    this.#options = options;
  }

  /** Settles at once where the answer is known. */
  resolve(path: UplinkPath, host: string, settle: (outcome: Resolution) => void): End {
    const key = [path.interface.index, path.source, host].join(' ');
    const known = this.#cache.get(key, performance.now());
    if (known === null) return this.#wait(key, path, host, settle);
    if (!known.isFresh && !this.#running.has(key)) {
      const end = this.#wait(key, path, host, () => clearTimeout(timer));
      const timer = setTimeout(end, longestRefresh).unref();
    }
    settle({ ok: true, address: known.address });
    return () => undefined;
  }

  /** Nobody who was asked has answered in the time there was. */
  noteSilence(path: UplinkPath, host: string): SocketFailure {
    const message = `${host} cannot be resolved by the name servers of ${path.interface.name}: none answers in time`;
    const failure: SocketFailure = { ok: false, failure: 'unresolved', message };
    this.#note(path, host, failure);
    return failure;
  }

  /** The interface is gone: what was said of it holds no more. */
  forget(index: number): void {
    for (const problem of this.#standing.get(index)?.values() ?? []) this.#options.onSolved(problem);
    this.#standing.delete(index);
  }

  #wait(key: string, path: UplinkPath, host: string, settle: (outcome: Resolution) => void): End {
    const running = this.#running.get(key) ?? this.#begin(key, path, host);
    running.waiting.add(settle);
    return () => {
      running.waiting.delete(settle);
      if (running.waiting.size > 0 || this.#running.get(key) !== running) return;
      this.#running.delete(key);
      running.end();
    };
  }

  #begin(key: string, path: UplinkPath, host: string): Running {
    const running: Running = { waiting: new Set(), end: () => undefined };
    this.#running.set(key, running);
    void this.#ask(key, running, path, host);
    return running;
  }

  async #ask(key: string, running: Running, path: UplinkPath, host: string): Promise<void> {
    const servers = await this.#options.source.of(path.interface.index);
    if (this.#running.get(key) !== running) return;
    const lookup = { interface: path.interface, servers, name: host, family: path.family };
    const end = lookUp(this.#sockets, lookup, (outcome) => {
      this.#running.delete(key);
      this.#cache.note(key, outcome, performance.now());
      this.#note(path, host, outcome);
      for (const settle of running.waiting) settle(outcome);
    });
    if (this.#running.get(key) === running) running.end = end;
    else end();
  }

  /** Tells what is wrong with a name when that is news, and when it is well again. */
  #note({ interface: { index, name }, family }: UplinkPath, host: string, outcome: LookupOutcome): void {
    const problem = problemOf(`${host} (${familyNames[family]}) by ${name}`, host, outcome);
    const ofUplink = this.#standing.get(index) ?? new Map<string, Problem>();
    const key = `${family} ${host}`;
    const before = ofUplink.get(key);
    // In whatever other way it cannot be resolved: that is no news. Another private address is.
    const isSame = problem?.code === 'probe.unresolved' || before?.message === problem?.message;
    if (before?.code === problem?.code && isSame) return;
    if (before !== undefined) this.#options.onSolved(before);
    if (problem === null) ofUplink.delete(key);
    else {
      ofUplink.set(key, problem);
      this.#options.onProblem(problem);
    }
    this.#standing.set(index, ofUplink);
  }
}

function problemOf(subject: string, host: string, outcome: LookupOutcome): Problem | null {
  if (!outcome.ok) {
    if (outcome.failure !== 'unresolved') return null;
    const remedy =
      'probes of it count as lost; name the name servers in [[uplink]] dns, or add a target with an address';
    return { code: 'probe.unresolved', subject, message: outcome.message, remedy };
  }
  const { address, server } = outcome;
  if (!privateNetworks.some(([prefix, length]) => isInNetwork(address, prefix, length))) return null;
  return {
    code: 'probe.privateAddress',
    subject,
    message: `${server} says that ${host} has the private address ${address}`,
    remedy: 'right for a host of your own; for a public one, a portal may be behind it, and status and body would tell',
  };
}
