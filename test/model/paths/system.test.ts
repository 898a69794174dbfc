/**
 * The root with its real children on every path: found, lost, made anew, renamed, ignored, failed and started again.
 * There is no pure form of a whole system, so each step of the search drives a real one from its start.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { ActorLogic } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { chartOf } from '../../../src/inspection/chart.ts';
import { hastyConfig } from '../../unit/machines/examples.ts';
import { System, SystemCoverage } from './system.ts';
import { keyOf, violations } from './system.rules.ts';
import { systemWorlds, type SystemWorld } from './system.world.ts';
import type { Happened } from './timed-logic.ts';

/** A node after what has happened to it. */
interface Situation {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly path: readonly string[];
  readonly key: string;
  readonly wrong: readonly string[];
}

const coverage = new SystemCoverage();
const figures = { situations: 0, paths: 0 };

const base = { status: 'active', output: undefined, error: undefined } as const;

/** Drives real systems. One that was not changed by what cannot happen is asked for the next thing. */
class Driver {
  readonly #world: SystemWorld;
  #idle: { readonly system: System; readonly at: Situation } | null = null;

  constructor(world: SystemWorld) {
    this.#world = world;
  }

  start(): Situation {
    return this.#see(this.#begin(), []);
  }

  after(situation: Situation, name: string): Situation {
    const system = this.#idle?.at === situation ? this.#idle.system : this.#begin(situation.path);
    const hasHappened = this.#world.happenings[name]?.(system) ?? false;
    this.#idle = hasHappened ? null : { system, at: situation };
    return hasHappened ? this.#see(system, [...situation.path, name]) : situation;
  }

  #begin(path: readonly string[] = []): System {
    const system = new System(this.#world.config ?? hastyConfig, coverage);
    for (const doing of this.#world.before) doing(system);
    for (const name of path) this.#world.happenings[name]?.(system);
    return system;
  }

  #see(system: System, path: readonly string[]): Situation {
    figures.paths++;
    return { ...base, path, key: keyOf(system), wrong: violations(system) };
  }
}

/** The shortest path that goes wrong, with what is wrong there; none when all go well. */
function firstFault(world: SystemWorld): readonly string[] {
  const driver = new Driver(world);
  const faults: (readonly string[])[] = [];
  const looked = (situation: Situation): Situation => {
    if (situation.wrong.length > 0) faults.push([...situation.path, ...situation.wrong.map((rule) => `→ ${rule}`)]);
    return situation;
  };
  const logic: ActorLogic<Situation, Happened, unknown> = {
    transition: (situation, { type }) => looked(driver.after(situation, type)),
    getInitialSnapshot: () => looked(driver.start()),
    getPersistedSnapshot: (situation) => situation,
  };
  const paths = getShortestPaths(logic, {
    events: Object.keys(world.happenings).map((type) => ({ type })),
    serializeState: ({ key }) => key,
    limit: 50_000,
  });
  figures.situations += paths.length;
  return faults[0] ?? [];
}

describe('a node with its real actors keeps all rules on every path', () => {
  test.each(systemWorlds)('$name', (world) => {
    expect(firstFault(world)).toEqual([]);
  });
});

/** What is told along these lines comes from timers, and from decisions that say what facts mean. */
const ownWords =
  /^(?:(?:verdict|presence|memory|penalty|carrier|reachability|view|choice|need|mode|point|time|key|link|manager|xstate\.after)\.|lease\.(?:doubted|vindicated|missing)$|tether\.found$|way\.(?:gained|lost|proven)$)/u;

test('every message between parent and children is on some path', () => {
  const { interface: uplink, selection, departure, hotspot, lease, tether } = coverage.machines;
  const children = [uplink, selection, departure, hotspot, lease, tether];
  const toChildren = children.flatMap(({ machine }) => {
    const taken = new Set(chartOf(machine).transitions.flatMap(({ event }) => event ?? []));
    return [...taken].filter((event) => !ownWords.test(event)).map((event) => `node → ${machine.id}: ${event}`);
  });
  const toRoot = [
    'interface → node: interface.updated',
    'interface → node: xstate.error.actor.*',
    'selection → node: selection.changed',
    'selection → node: xstate.error.actor.*',
    'departure → node: departure.decided',
    'hotspot → node: hotspot.updated',
    'hotspot → node: xstate.error.actor.*',
    'lease → node: lease.updated',
    'lease → node: xstate.error.actor.*',
    'tether → node: tether.updated',
    'tether → node: xstate.error.actor.*',
  ];
  const told = [...coverage.messages].filter((message) => !message.endsWith(' xstate.init'));
  expect(told.toSorted()).toEqual([...toChildren, ...toRoot].toSorted());
});

afterAll(() => {
  const taken = Object.values(coverage.machines).map(({ machine, transitions }) => {
    const { id, transitions: all } = chartOf(machine);
    return `${id} ${all.filter((one) => transitions.has(one.id)).length}/${all.length}`;
  });
  const { situations, paths } = figures;
  console.log(
    `whole node: ${situations} situations, ${paths} paths, ${coverage.messages.size} kinds of messages; transitions ${taken.join(', ')}`,
  );
});
