/**
 * Probes from inside a network namespace. Reads one JSON command a line from stdin, answers each by one line.
 * Prints `ready` first.
 */
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { NameServer } from '../../../src/adapters/probes/name-lookup.ts';
import type { NameResolverOptions } from '../../../src/adapters/probes/name-resolver.ts';
import { createProber, type BoundProber } from '../../../src/adapters/probes/prober.ts';
import type { Problem } from '../../../src/model/errors.ts';
import { parseTarget } from '../../../src/model/target.ts';
import { milliseconds } from '../../../src/model/units.ts';
import type { ProbeOutcome } from '../../../src/streams/ports.ts';

export interface ProbeCommand {
  readonly do: 'probe';
  readonly mode: 'device' | 'source';
  readonly target: string;
  readonly index: number;
  readonly name: string;
  readonly source: string;
  /** The name servers of the uplink; they are asked from the same address. */
  readonly servers?: readonly string[];
  readonly timeoutMs: number;
  /** Probes in all, one. */
  readonly times?: number;
  /** Probes under way at once, one. */
  readonly atOnce?: number;
  /** Every second probe is aborted: at once for 0, else after this time. */
  readonly abortAfterMs?: number;
  /** Blocks the event loop for this long right after the probe was sent. */
  readonly busyMs?: number;
}

export type AgentCommand = ProbeCommand | { readonly do: 'count' };

/** What a probe command is answered with: outcomes, and what they cost this process. */
export interface ProbeReport {
  readonly outcomes: readonly ProbeOutcome[];
  /** What was told of names. */
  readonly problems: readonly Problem[];
  readonly cpuMs: number;
  readonly elapsedMs: number;
}

/** Open descriptors, and what the event loop still waits for. */
export interface Count {
  readonly descriptors: number;
  readonly resources: readonly string[];
}

let servers: readonly NameServer[] = [];
const problems: Problem[] = [];
const names: NameResolverOptions = {
  source: { of: async () => servers },
  onProblem: (problem) => problems.push(problem),
  onSolved: () => undefined,
};

async function proberOf(mode: 'device' | 'source'): Promise<BoundProber> {
  const result = await createProber({ mode, names });
  if (!result.ok) throw new Error(result.problem.message);
  return result.prober;
}
const probers = { device: await proberOf('device'), source: await proberOf('source') };

function probeOnce(command: ProbeCommand, isAborted: boolean): Promise<ProbeOutcome> {
  const family = command.source.includes(':') ? 'ipv6' : 'ipv4';
  const target = parseTarget(command.target, family);
  servers = (command.servers ?? []).map((address) => ({ family, address, source: command.source }));
  if ('problem' in target) throw new Error(target.problem);
  const { mode, index, name, source, timeoutMs, abortAfterMs, busyMs } = command;
  const controller = new AbortController();
  if (isAborted && abortAfterMs === 0) controller.abort();
  if (isAborted && abortAfterMs) setTimeout(() => controller.abort(), abortAfterMs);
  const outcome = probers[mode].probe(
    { target, interface: { index, name }, source, timeout: milliseconds(timeoutMs) },
    controller.signal,
  );
  if (busyMs) {
    const until = performance.now() + busyMs;
    while (performance.now() < until);
  }
  return outcome;
}

async function probe(command: ProbeCommand): Promise<ProbeReport> {
  const { times = 1, atOnce = 1, abortAfterMs } = command;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const outcomes: ProbeOutcome[] = [];
  problems.length = 0;
  let started = 0;
  const worker = async () => {
    while (started < times) {
      started += 1;
      outcomes.push(await probeOnce(command, abortAfterMs !== undefined && started % 2 === 0));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const cpu = process.cpuUsage(before);
  return { outcomes, problems, cpuMs: (cpu.user + cpu.system) / 1000, elapsedMs: performance.now() - startedAt };
}

async function count(): Promise<Count> {
  // Handles are closed a turn of the loop after they were told to.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { descriptors: readdirSync('/proc/self/fd').length, resources: process.getActiveResourcesInfo() };
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as AgentCommand;
  console.log(JSON.stringify(command.do === 'probe' ? await probe(command) : await count()));
}
