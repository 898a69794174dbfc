/**
 * `npm run check`: everything that needs no network, privilege or patience. Two steps run at a time (the
 * smallest machine has two cores), longest first; the first failure stops the rest and shows its output.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { styleText } from 'node:util';

interface Step {
  name: string;
  command: readonly [string, ...string[]];
  /** Shown when the step passes, too: the counts are worth reading. */
  loud?: boolean;
}

const steps: Step[] = [
  { name: 'tests', command: ['vitest', 'run', ...projects('unit', 'property', 'golden')], loud: true },
  { name: 'types', command: ['tsc', '--project', '.'] },
  { name: 'types of the page', command: ['tsc', '--project', 'visualizations/viewer'] },
  { name: 'types of its tests', command: ['tsc', '--project', 'test/browser'] },
  { name: 'lint', command: ['oxlint'] },
  { name: 'imports', command: ['node', 'scripts/check-imports.ts'] },
  { name: 'format', command: ['biome', 'format', '.'] },
];

const running = new Set<ChildProcess>();
let stopped = false;

const started = performance.now();
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runLane));
if (!stopped) console.log(`${styleText('green', 'check passed')} in ${secondsSince(started)}`);

function projects(...names: string[]): string[] {
  return names.flatMap((name) => ['--project', name]);
}

async function runLane(): Promise<void> {
  for (let step = steps.shift(); step; step = steps.shift()) await run(step);
}

async function run({ name, command: [program, ...args], loud }: Step): Promise<void> {
  const began = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm puts node_modules/.bin on the PATH; so does this when the script is run by hand.
    env: {
      ...process.env,
      PATH: `node_modules/.bin:${process.env['PATH']}`,
      ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
    },
  });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));

  const passed = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}\n`;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  running.delete(child);
  if (stopped) return;

  const mark = passed ? styleText('green', '✓') : styleText('red', '✗');
  console.log(`${mark} ${name.padEnd(18)} ${secondsSince(began)}`);
  if (passed && !loud) return;
  console.log(output.trimEnd());
  if (passed) return;
  console.log(`${styleText('red', `check failed at ${name}`)}; again alone: npx ${[program, ...args].join(' ')}`);
  stop();
  process.exitCode = 1;
}

function stop(): void {
  stopped = true;
  steps.length = 0;
  for (const child of running) child.kill();
}

function secondsSince(instant: number): string {
  return `${((performance.now() - instant) / 1000).toFixed(1)} s`;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop();
    process.exitCode = 1;
  });
}
