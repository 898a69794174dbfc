/**
 * backhauld as a library: the manager, its types and its errors; and what the command needs beyond it.
 */
import { readConfigObject } from './adapters/config/read-config.ts';
import type { ConfigInput } from './adapters/config/schema.ts';
import { createLog, logLevelOf, type LogLevel } from './adapters/log/log.ts';
import { openServiceManager } from './adapters/systemd/service-manager.ts';
import { openEngine, type Engine, type Listeners } from './engine.ts';
import { cleanUpNetwork } from './engine/clean-up.ts';
import type { Config } from './model/config.ts';
import { BackhaulError, type Problem } from './model/errors.ts';
import type { Family } from './model/family.ts';
import type { HotspotMode, HotspotState, HotspotStatus } from './model/hotspot.ts';
import type { Operation } from './model/network.ts';
import type { Explanation, LifecycleState, Status, Switch } from './model/status.ts';
import type { TetherState } from './model/tether.ts';
import type { BudgetLevel } from './model/usage.ts';
import type { HotspotAccess } from './model/wifi-uri.ts';

export type { ConfigInput } from './adapters/config/schema.ts';
export type { LogLevel } from './adapters/log/log.ts';
export { BackhaulError, type ErrorCode, type Problem } from './model/errors.ts';
export type { Family } from './model/family.ts';
export type { HotspotMode, HotspotState, HotspotStatus } from './model/hotspot.ts';
export type { Operation } from './model/network.ts';
export type { Explanation, InterfaceStatus, LifecycleState, Status, Switch } from './model/status.ts';
export type { TetherState, TetherStatus } from './model/tether.ts';
export type { BudgetLevel, BudgetStatus } from './model/usage.ts';
export type { HotspotAccess } from './model/wifi-uri.ts';

/** A state as those know it who asked for three: an uplink that is still probing reads as down. */
export type BackhaulState = Exclude<LifecycleState, 'probing'>;

export interface Backhaul {
  readonly iface: string;
  readonly state: BackhaulState;
  readonly score: number;
}

export interface InterfaceState extends Backhaul {
  readonly type: Status['interfaces'][number]['type'];
  readonly isActive: boolean;
}

export interface StateChange {
  readonly iface: string;
  /** Null for an interface that is new. */
  readonly from: LifecycleState | null;
  /** Null for one that is gone. */
  readonly to: LifecycleState | null;
}

export interface HotspotChange {
  readonly from: HotspotState;
  readonly to: HotspotState;
  /** One sentence. */
  readonly because: string;
}

export interface TetherChange {
  readonly iface: string;
  /** Null for one that was just plugged in. */
  readonly from: TetherState | null;
  readonly to: TetherState;
  /** One sentence. */
  readonly because: string;
}

export interface BudgetChange {
  readonly iface: string;
  /** How much of its budget is used. */
  readonly level: BudgetLevel;
}

/** The events of a manager with what they carry. */
export interface ManagerEvents {
  readonly switch: Switch;
  readonly state: StateChange;
  readonly hotspot: HotspotChange;
  readonly tether: TetherChange;
  readonly budget: BudgetChange;
  readonly error: Problem;
}

export interface ManagerOptions {
  /** Where changed settings are recorded. */
  readonly stateDirectory?: string;
  /** Path of a control socket for the `backhauld` command; null: none. */
  readonly controlSocket?: string | null;
  readonly logLevel?: LogLevel;
}

type Listener = (value: never) => void;

/**
 * Keeps the network namespace of this process online. Nothing happens before `start`.
 *
 * @throws BackhaulError `config.invalid` with every mistake in the configuration.
 */
export class BackhaulManager {
  readonly #config: Config;
  readonly #options: Required<ManagerOptions>;
  readonly #listeners = new Map<keyof ManagerEvents, Set<Listener>>();
  #engine: Promise<Engine> | null = null;
  #running: Engine | null = null;
  /** The last shutdown: who starts again waits for it, so that two engines never share the network. */
  #ended: Promise<unknown> = Promise.resolve();

  constructor(config: ConfigInput = {}, options: ManagerOptions = {}) {
    const read = readConfigObject(config);
    if (!read.ok) throw new BackhaulError(...read.problems);
    this.#config = read.config;
    this.#options = { stateDirectory: '/var/lib/backhauld', controlSocket: null, logLevel: 'silent', ...options };
  }

  /**
   * Reads the kernel and takes over routing; resolves when the first routes stand. Calling it again changes nothing.
   *
   * @throws BackhaulError `privilege.missing`, `kernel.unreadable`, `tool.missing` or `control.inUse`.
   */
  async start(): Promise<void> {
    const opening = (this.#engine ??= this.#open());
    try {
      const engine = await opening;
      if (this.#engine === opening) this.#running = engine;
    } catch (error) {
      if (this.#engine === opening) this.#engine = null;
      throw error;
    }
  }

  async #open(): Promise<Engine> {
    await this.#ended;
    return openEngine({
      config: this.#config,
      stateDirectory: this.#options.stateDirectory,
      controlSocket: this.#options.controlSocket,
      log: createLog({ level: this.#options.logLevel }),
      listeners: this.#listenersOfEngine(),
    });
  }

  /** Ends everything, also a start under way, and gives the network back as it was found. Idempotent. */
  async shutdown(): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    this.#running = null;
    if (engine !== null) {
      this.#ended = engine.then(
        (opened) => opened.close(),
        () => null,
      );
    }
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** The uplink that carries unbound traffic; of IPv4, or else of IPv6, unless a family is named. Null for none. */
  currentBackhaul(family?: Family): Backhaul | null {
    const active = this.#running?.api.status().active;
    const chosen = family === undefined ? (active?.ipv4 ?? active?.ipv6) : active?.[family];
    return chosen ? { iface: chosen.iface, state: threeStates(chosen.state), score: chosen.score } : null;
  }

  /** Every interface that may be an uplink. */
  interfaceStates(): readonly InterfaceState[] {
    if (this.#running === null) return [];
    const { active, interfaces } = this.#running.api.status();
    return interfaces.map(({ name, type, state, score }) => ({
      iface: name,
      type,
      state: threeStates(state),
      score: score.total,
      isActive: name === active.ipv4?.iface || name === active.ipv6?.iface,
    }));
  }

  /** Everything there is to know: what `status --json` prints. Null before `start` and after `shutdown`. */
  snapshot(): Status | null {
    return this.#running?.api.status() ?? null;
  }

  /** Why the choice is what it is, rule by rule; of one interface, or of the active ones. */
  explain(interfaceName: string | null = null): Explanation | Problem {
    return this.#running?.api.explain(interfaceName) ?? notStarted;
  }

  /** The operations that would be executed now; empty when the network is as desired. */
  plan(): readonly Operation[] {
    return this.#running?.api.plan() ?? [];
  }

  /** Pins an interface by name, or none (`null`). It is used whenever it is reachable. */
  pin(interfaceName: string | null): Problem | null {
    return this.#running === null ? notStarted : this.#running.api.pin(interfaceName);
  }

  /**
   * Shares out what leaves by the active uplink between the node and those it relays for, and follows it at each switch,
   * until `deactivateRelayQos`, or until the end. Resolves, when that stands, to what is in its way; null: nothing.
   * Idempotent. `relayQos.enabled` in the configuration does the same from the start.
   */
  async activateRelayQos(): Promise<Problem | null> {
    return this.#running === null ? notStarted : this.#running.relayQos(true);
  }

  /** Lets what leaves by the active uplink flow as it comes. Idempotent. */
  async deactivateRelayQos(): Promise<Problem | null> {
    return this.#running === null ? notStarted : this.#running.relayQos(false);
  }

  /** Opens the hotspot, closes it, or leaves it to the daemon (`auto`). A problem where the configuration has none. */
  setHotspot(mode: HotspotMode): Problem | null {
    return this.#running === null ? notStarted : problemIn(this.#running.api.hotspot.setMode(mode));
  }

  /** Gives the hotspot another key; the one before works on for the configured overlap. A problem where there is none to change. */
  rotateHotspotKey(): Problem | null {
    return this.#running === null ? notStarted : problemIn(this.#running.api.hotspot.rotateKey());
  }

  /** The hotspot's name and its key, also as the text of a QR code. Holds a secret. */
  hotspotAccess(): HotspotAccess | Problem {
    return this.#running === null ? notStarted : this.#running.api.hotspot.access();
  }

  /** Calls back with each event of a kind. Returns the way to end it. */
  on<Type extends keyof ManagerEvents>(type: Type, listener: (value: ManagerEvents[Type]) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #listenersOfEngine(): Listeners {
    return {
      fail: (problem) => this.#tell('error', problem),
      tell: (emission) => {
        if (emission.type === 'switch') this.#tell('switch', emission.switch);
        else if (emission.type === 'state') {
          this.#tell('state', { iface: emission.name, from: emission.from, to: emission.to });
        } else if (emission.type === 'hotspot') {
          this.#tell('hotspot', { from: emission.from, to: emission.to, because: emission.because });
        } else if (emission.type === 'tether') {
          const { name, from, to, because } = emission;
          this.#tell('tether', { iface: name, from, to, because });
        } else if (emission.type === 'budget') {
          this.#tell('budget', { iface: emission.name, level: emission.level });
        } else if (emission.type === 'problem') this.#tell('error', emission.problem);
      },
    };
  }

  #tell<Type extends keyof ManagerEvents>(type: Type, value: ManagerEvents[Type]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        (listener as (value: ManagerEvents[Type]) => void)(value);
      } catch (error) {
        // A listener that fails on `error` itself would be told of its own failure for ever.
        if (type !== 'error') this.#tell('error', defect(`a listener of "${type}"`, error));
      }
    }
  }
}

const problemIn = (answer: HotspotStatus | Problem): Problem | null => ('code' in answer ? answer : null);

const notStarted: Problem = {
  code: 'control.notRunning',
  message: 'the manager is not started',
  remedy: 'call start()',
};

const threeStates = (state: LifecycleState): BackhaulState => (state === 'probing' ? 'down' : state);

const defect = (where: string, error: unknown): Problem => ({
  code: 'actor.failed',
  message: `${where} failed: ${error instanceof Error ? error.message : String(error)}`,
});

export interface RunOptions {
  readonly config: Config;
  readonly socketPath: string;
  readonly stateDirectory: string;
}

/**
 * Runs the daemon until the signal aborts, then gives the network back.
 *
 * @throws BackhaulError when it cannot start, when its machines fail (the kernel's ranking stays as it is), or when
 * something could not be given back.
 */
export async function runDaemon(
  { config, socketPath, stateDirectory }: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const log = createLog({ level: logLevelOf(process.env['BACKHAULD_LOG_LEVEL']) });
  const stopped = Promise.withResolvers<Problem | null>();
  signal.addEventListener('abort', () => stopped.resolve(null), { once: true });
  const engine = await openEngine({
    config,
    stateDirectory,
    controlSocket: socketPath,
    log,
    listeners: { tell: () => undefined, fail: stopped.resolve },
  });
  log.info({ socket: socketPath, execute: config.routing.execute }, 'ready');
  const manager = await openServiceManager(process.env);
  manager.ready();
  if (signal.aborted) stopped.resolve(null);
  const failure = await stopped.promise;
  if (failure !== null) throw new BackhaulError(failure);
  manager.stopping();
  const left = await engine.close();
  if (left.length > 0) throw notGivenBack(left);
}

/**
 * Removes everything of backhauld's from the network, without a daemon. Resolves to what was done.
 *
 * @throws BackhaulError when the kernel cannot be read, the record of settings is damaged, or something is left.
 */
export async function cleanUp(options: {
  readonly stateDirectory: string;
  readonly config: Config;
}): Promise<readonly Operation[]> {
  const { removed, left } = await cleanUpNetwork(options.config, options.stateDirectory);
  if (left.length > 0) throw notGivenBack(left);
  return removed;
}

const notGivenBack = (left: readonly Operation[]): BackhaulError =>
  new BackhaulError({
    code: 'routing.gaveUp',
    message: `not everything could be given back: ${left.map(({ type, target }) => `${type} ${target}`).join(', ')}`,
    remedy: 'run "backhauld cleanup"',
  });
