/**
 * The manager in a node with many uplinks, and how its loop fares meanwhile: `busy-node STATE-DIRECTORY`, in a namespace of its
 * own. Obeys lines on stdin:
 * `begin` starts to measure; `status` and `report` answer with one line of JSON.
 */
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Library from '../src/main.ts';

const bundle = process.env['BACKHAULD'];
const file =
  bundle === undefined ? fileURLToPath(new URL('../src/main.ts', import.meta.url)) : join(dirname(bundle), 'main.js');
const { BackhaulManager } = (await import(pathToFileURL(file).href)) as typeof Library;

const [, , directory = ''] = process.argv;
const problems = new Map<string, number>();
let downs = 0;
const manager = new BackhaulManager(
  { interfaces: { include: ['eth*'] }, dns: { mode: 'none' } },
  { stateDirectory: directory, logLevel: 'silent' },
);
manager.on('error', ({ code }) => problems.set(code, (problems.get(code) ?? 0) + 1));
manager.on('state', ({ to }) => {
  if (to === 'down') downs += 1;
});
await manager.start();

const delay = monitorEventLoopDelay({ resolution: 1 });
let cpu = process.cpuUsage();
const commands: Readonly<Record<string, () => void>> = {
  begin() {
    problems.clear();
    downs = 0;
    delay.reset();
    delay.enable();
    cpu = process.cpuUsage();
  },
  status() {
    const status = manager.snapshot();
    const interfaces = status?.interfaces.map(({ name, mtu, verdict }) => ({ name, mtu, verdict: verdict.ipv4 })) ?? [];
    console.log(JSON.stringify({ interfaces, active: status?.active.ipv4?.iface ?? null }));
  },
  report() {
    const { user, system } = process.cpuUsage(cpu);
    // What it says is how late a timer of 1 ms was, that millisecond included.
    const delayMs = (percentile: number) => Math.max(0, delay.percentile(percentile) / 1e6 - 1);
    console.log(
      JSON.stringify({
        p50Ms: delayMs(50),
        p99Ms: delayMs(99),
        maxMs: delayMs(100),
        cpuMs: (user + system) / 1000,
        downs,
        problems: Object.fromEntries(problems),
      }),
    );
  },
};
createInterface({ input: process.stdin })
  .on('line', (line) => commands[line]?.())
  .on('close', () => process.exit(0));
process.once('SIGTERM', () => {
  void manager.shutdown().finally(() => process.exit(0));
});
console.log('ready');
