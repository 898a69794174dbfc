import type { RoutingConfig } from '../../model/config.ts';
import { neighbourKey } from '../../model/kernel.ts';
import {
  settingKey,
  type DesiredNeighbour,
  type DesiredNetwork,
  type NetworkIntent,
  type Operation,
  type OperationResult,
} from '../../model/network.ts';
import { isHeldOn } from './adopted-holdings.ts';
import type { Circumstances } from './circumstances.ts';
import { desiredNetwork, type KnownServers } from './desired-network.ts';
import type { Ports } from './execute.ts';
import type { RoutingView } from './observe.ts';
import { planNetwork, type Plan } from './plan.ts';
import { settingsToRead } from './setting.plan.ts';
import { assignTables, noTables, type Tables } from './tables.ts';

interface PlannerOptions extends Ports {
  readonly routing: RoutingConfig;
}

/**
 * Makes plans from the newest state of everything, and remembers what need not be worked out again: which tables were
 * given to whom, the desired network of an intent, and the settings, which cost a file each to read.
 */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #written = new Set<string>();
  #tables: Tables = noTables;
  #desired: DesiredNetwork | null = null;
  #desiredFor: readonly [NetworkIntent, Tables] | null = null;
  #settings: ReadonlyMap<string, string> | null = null;
  #servers: KnownServers = new Map();

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  get tables(): Tables {
    return this.#tables;
  }

  /** The gateways of the newest plan's uplinks. */
  get neighbours(): readonly DesiredNeighbour[] {
    return this.#desired?.neighbours ?? [];
  }

  /** Whether anything is, or shall be, put on a link. */
  holds(linkIndex: number): boolean {
    const { addresses = [], links = [] } = this.#desired ?? {};
    const isWanted = [...addresses, ...links].some((one) => one.linkIndex === linkIndex);
    return isWanted || (this.#options.links !== undefined && isHeldOn(linkIndex, this.#options.links));
  }

  /** The name servers of the uplinks: the active one's have routes of their own. */
  knowServers(servers: KnownServers): void {
    this.#servers = servers;
    this.#desiredFor = null;
  }

  /** The settings are read anew for the next plan. */
  forgetSettings(): void {
    this.#settings = null;
  }

  noteCarriedOut(operation: Operation, result: OperationResult): void {
    if (operation.type === 'setting.write' && result.ok) this.#written.add(settingKey(operation.setting));
    if (operation.type === 'setting.restore') this.#written.delete(settingKey(operation.record));
    if (operation.type.startsWith('setting.')) this.#settings = null;
  }

  plan(intent: NetworkIntent, routing: RoutingView, circumstances: Omit<Circumstances, 'written'>): Plan {
    const { kernel, journal, links } = this.#options;
    const { tables, problems } = assignTables(this.#tables, intent.uplinks, routing, this.#options.routing);
    this.#tables = tables;
    const desired = this.#desire(intent, tables);
    const settings = this.#readSettings(desired);
    const observed = {
      kernel: kernel.state,
      settings,
      records: journal.records,
      routing,
      ...(links === undefined ? {} : { holdings: links }),
    };
    // A dry run never asks for a gateway, so it waits for none either.
    const waitedFor = this.#options.routing.execute
      ? circumstances.waitedFor
      : new Set(desired.neighbours.map(neighbourKey));
    const plan = planNetwork(desired, observed, { ...circumstances, waitedFor, written: this.#written });
    return problems.length === 0 ? plan : { ...plan, problems: [...problems, ...plan.problems] };
  }

  #desire(intent: NetworkIntent, tables: Tables): DesiredNetwork {
    const [itsIntent, itsTables] = this.#desiredFor ?? [];
    if (this.#desired !== null && itsIntent === intent && itsTables === tables) return this.#desired;
    const desired = desiredNetwork(intent, this.#options.routing, tables, this.#servers);
    if (desired.settings !== this.#desired?.settings) this.#settings = null;
    this.#desired = desired;
    this.#desiredFor = [intent, tables];
    return desired;
  }

  #readSettings(desired: DesiredNetwork): ReadonlyMap<string, string> {
    if (this.#settings !== null) return this.#settings;
    const { kernel, settings, journal } = this.#options;
    const values = new Map<string, string>();
    for (const setting of settingsToRead(desired.settings, journal.records.values(), kernel.state.links)) {
      const value = settings.read(setting);
      if (value !== null) values.set(settingKey(setting), value);
    }
    this.#settings = values;
    return values;
  }
}
