/** What holds whatever happens. Each check returns what it found wrong, in words; nothing when all is well. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sourceCommand } from '../../lab/daemon.ts';
import type { Namespace } from '../../lab/namespace.ts';
import { CommandFailed, run } from '../../lab/process.ts';
import { families } from '../../src/model/family.ts';
import type { Operation } from '../../src/model/network.ts';
import type { Status } from '../../src/model/status.ts';
import { foreignObjects } from './foreign.ts';
import type { Rig } from './rig.ts';
import type { Traffic } from './traffic.ts';
import type { Variant } from './variant.ts';
import { slots, uplinkOf, usualNames, works, type World } from './world.ts';

/** Resident memory that the daemon stays below, in MiB: what it has at rest (75) and as much again for a storm. */
const mostMemory = 260;

const journals: readonly string[] = ['settings.json', 'mptcp.json', 'name-servers.json'];

/** What others have installed is there, and nothing of it is changed. */
export async function checkForeign(node: Namespace, world: World): Promise<readonly string[]> {
  const shown = new Map<string, Promise<string>>();
  const wrong = await Promise.all(
    world.foreign.map(async (key) => {
      const object = foreignObjects[key];
      if (object === undefined) return [];
      const [tool = '', ...args] = object.show.split(' ');
      const output = shown.get(object.show) ?? node.exec(tool, args);
      shown.set(object.show, output);
      return object.shown.test(await output) ? [] : [`gone: ${key}`];
    }),
  );
  return wrong.flat();
}

export function checkDaemon(pid: number): readonly string[] {
  const [, resident] = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const mebibytes = Number(resident) / 1024;
  return mebibytes > mostMemory ? [`the daemon takes ${Math.round(mebibytes)} MiB`] : [];
}

export interface LogPosition {
  readonly offset: number;
}

/** Lines of the levels error and fatal that are new, and those that are no log lines at all. */
export function newLogLines(
  file: string,
  { offset }: LogPosition,
): { readonly lines: readonly string[]; readonly position: LogPosition } {
  const text = readFileSync(file, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  const lines = text
    .slice(offset, end)
    .split('\n')
    .filter((line) => line !== '' && !isHarmless(line));
  return { lines, position: { offset: end } };
}

function isHarmless(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    const { level } = JSON.parse(line) as { readonly level: unknown };
    return level !== 'error' && level !== 'fatal' && !(typeof level === 'number' && level >= 50);
  } catch {
    return false;
  }
}

export interface Views {
  readonly status: Status;
  readonly plan: readonly Operation[];
  /** There is a rule of backhauld's that looks up the ranking. */
  readonly hasTable: boolean;
  readonly world: World;
  readonly traffic: Traffic;
}

/** Nothing is left to do, and the status says of the kernel what the traffic shows. */
export function checkAgreement({ status, plan, hasTable, world, traffic }: Views): readonly string[] {
  const differs = plan.map(({ target, because }) => `still planned: ${target} (${because})`);
  if (!hasTable && families.some((family) => status.active[family] !== null))
    differs.push('no rule looks up the ranking');
  for (const family of families) {
    const active = status.active[family]?.iface ?? null;
    const slot = slots.find((one) => usualNames[one] === traffic.carrier(family));
    const carrying = slot === undefined ? null : uplinkOf(world, slot).name;
    const said = world.uplinks.find(({ name }) => name === active);
    if (carrying !== null && active !== carrying) {
      differs.push(`${family}: ${active} is said to be active, traffic goes by ${carrying}`);
    } else if (traffic.budget(family) !== null && !(said !== undefined && works(said, family))) {
      differs.push(`${family}: ${active} is active, and leads nowhere`);
    }
  }
  return differs;
}

/** Once everything is mended every uplink is well, and no problem stays that nothing explains. */
export function checkMended({ interfaces, problems }: Status, { hasNft, driver }: Variant): readonly string[] {
  const unwell = slots.flatMap((slot) => {
    const name = usualNames[slot] ?? '';
    const one = interfaces.find((uplink) => uplink.name === name);
    const isWell = one !== undefined && families.every((f) => one.reachable[f] && one.verdict[f] !== 'failed');
    return isWell ? [] : [`${name} is mended, and ${JSON.stringify(one?.verdict)}`];
  });
  const staying = problems
    .filter(({ code }) => !(code === 'tool.missing' && !hasNft))
    .filter(({ code }) => !(code === 'kernel.featureMissing' && driver === 'command'))
    .map(({ code, subject, message }) => `the problem ${code} of ${subject ?? 'nothing'} stays: ${message}`);
  return [...unwell, ...staying];
}

/** After `stop`: nothing of backhauld's is anywhere. */
export async function checkLeftovers(
  node: Namespace,
  rig: Rig,
  settingsBefore: readonly string[],
  world: World,
): Promise<readonly string[]> {
  const own = await Promise.all(
    ['-4', '-6'].flatMap((family) => [
      node.exec('ip', [family, 'rule', 'show']),
      node.exec('ip', [family, 'route', 'show', 'table', 'all']),
    ]),
  );
  const routing = own
    .flatMap((text) => text.split('\n'))
    .filter((line) => /proto 144\b/u.test(line) && !line.startsWith('unreachable 198.51.100.0/24'));
  const tables = await node.exec('nft', ['list', 'tables']);
  // Who cannot call nft cannot remove a table either.
  const filters = world.nft === 'works' ? tables.split('\n').filter((line) => /inet backhauld/u.test(line)) : [];
  const settings = (await node.exec('sysctl', ['-a', '--pattern', String.raw`^net\.ipv[46]\.conf\.`])).split('\n');
  // An interface may have another name by now, or be gone, and what a new one has is what the first ones had.
  const usual = new Set(settingsBefore.map(withoutNames));
  const changed = settings.filter((line) => line !== '' && !usual.has(withoutNames(line)));
  const temporary = readdirSync(rig.temporaryFiles);
  const state = readdirSync(join(rig.home, 'state')).filter((name) => !isKept(join(rig.home, 'state', name)));
  const endpoints = await node.exec('ip', ['mptcp', 'endpoint', 'show']);
  return [
    ...routing.map((line) => `left: ${line}`),
    ...filters.map((line) => `left: ${line}`),
    ...changed.map((line) => `left: ${line}`),
    ...temporary.map((name) => `left in the directory for temporary files: ${name}`),
    ...state.map((name) => `left in the state directory: ${name}`),
    ...(existsSync(rig.daemon.socket) ? ['left: the control socket'] : []),
    ...(endpoints.trim() === '' ? [] : [`left: MPTCP endpoints ${endpoints}`]),
  ];
}

/** Recordings and what is remembered stay; journals of what was changed stay, and say that nothing is any more. */
function isKept(file: string): boolean {
  const name = basename(file);
  if (name === 'recordings' || name === 'memory.json' || name === 'usage.json') return true;
  if (!journals.includes(name)) return false;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly data: readonly unknown[] }).data.length === 0;
}

const withoutNames = (line: string): string => line.replace(/conf\.(?:eth|wlan|wwan)\d\./u, 'conf.UPLINK.');

/** What was recorded comes to the same decisions when it is run again. */
export async function checkRecording(rig: Rig): Promise<readonly string[]> {
  const [file = '', ...args] = sourceCommand();
  const recordings = join(rig.home, 'state', 'recordings');
  // It is written once a second: who is killed before has left none.
  if (!existsSync(recordings) || readdirSync(recordings).length === 0) return [];
  try {
    await run(file, [...args, 'replay', '--compare', recordings]);
    return [];
  } catch (error) {
    if (error instanceof CommandFailed) return [`its recording is run again with another result: ${error.message}`];
    throw error;
  }
}
