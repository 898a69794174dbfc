import type { Problem } from '../../model/errors.ts';
import type { HotspotMode, HotspotStatus } from '../../model/hotspot.ts';
import type { Operation } from '../../model/network.ts';
import type { Explanation, Status } from '../../model/status.ts';
import type { TraceItem } from '../../model/trace.ts';
import type { HotspotAccess } from '../../model/wifi-uri.ts';
import type { BudgetStatus } from '../../model/usage.ts';

/** What can be asked of a running daemon, and told to it. */
export interface ControlApi {
  status(): Status;
  /** Why the choice is what it is; of one interface, or of the active ones. A problem when there is no such interface. */
  explain(interfaceName: string | null): Explanation | Problem;
  /** The operations that would be executed now; empty when the network is as desired. */
  plan(): readonly Operation[];
  /** Pins an interface by name, or none (`null`). A problem when there is no such interface. */
  pin(interfaceName: string | null): Problem | null;
  /** Every uplink that has a budget, present or not. */
  budgets(): readonly BudgetStatus[];
  /** Nothing of a budget is used any more. By an interface's name, or an identity. A problem when there is none such. */
  resetBudget(name: string): Problem | null;
  /** So much of it is used, as the provider says. */
  setBudget(name: string, usedBytes: number): Problem | null;
  readonly hotspot: HotspotApi;
  /** Calls back with each event of the manager, as plain data. Returns the way to end it. */
  subscribe(listener: (event: ControlEvent) => void): () => void;
  /**
   * Calls back with all actors of the machines, and from then on with what they do, from within their own turn. Returns
   * the way to end it; while nobody looks, nothing is observed.
   */
  inspect(listener: (item: TraceItem) => void): () => void;
}

/** What can be asked of the hotspot. Each is the problem `hotspot.notEnabled` where the configuration has none. */
export interface HotspotApi {
  status(): HotspotStatus | Problem;
  /** The answer: how it stands then. */
  setMode(mode: HotspotMode): HotspotStatus | Problem;
  /** Asks for another key; the one before works on for the configured overlap. The answer: how it stands then. */
  rotateKey(): HotspotStatus | Problem;
  /** The network's name and its key. The answer holds a secret, as do the next two. */
  access(): HotspotAccess | Problem;
  /** A token that is good for `access` once. Also a problem where the configuration has no onboarding tokens. */
  issueToken(): OnboardingToken | Problem;
  /** `from`: who asks, for the audit log and against guessing. */
  redeemToken(token: string, from: string): HotspotAccess | Problem;
}

export interface OnboardingToken {
  readonly token: string;
  readonly expiresInMs: number;
  /** The page of the hotspot's own on which it is exchanged, for those who are in its network; null while it is not there. */
  readonly url: string | null;
}

export interface ControlEvent {
  readonly type: string;
  readonly data: unknown;
}

/** The answer to a request that failed. */
export interface ControlFailure {
  readonly error: Problem;
}
