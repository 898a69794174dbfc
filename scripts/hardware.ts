/**
 * `npm run test:hardware [-- wifi ethernet usb lte bluetooth together] [-- --only NAME] [--cycles N] [--show]`: tests on a virtual
 * machine with real drivers (a stock Debian kernel, emulated in software), with the real daemon in it. No medium: all.
 *
 * It sets itself up: what can be installed is installed, the kernel is fetched once to ~/.cache/backhauld. Exits with 0
 * when all passed, 1 when something failed, 2 for a mistake in the command line, 3 when this machine cannot have the lab.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { build } from 'esbuild';
import { suites, media, type Medium, type SuiteDescription } from '../test/hardware/suites.ts';
import { unpackPackage } from '../test/hardware/vm/debian-package.ts';
import { buildInitramfs } from '../test/hardware/vm/initramfs.ts';
import { fetchKernel } from '../test/hardware/vm/kernel.ts';
import { runMachine } from '../test/hardware/vm/machine.ts';
import { LabUnavailable } from '../test/hardware/vm/unavailable.ts';

const project = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/u, '');
const usage = `usage: npm run test:hardware -- [${media.join('] [')}] [--only NAME] [--cycles N] [--show]`;

interface Options {
  readonly chosen: readonly SuiteDescription[];
  /** Times that the hotspot comes and goes; a number for the suite that does it. */
  readonly cycles: number;
  /** All that the guest says, not only of what failed. */
  readonly show: boolean;
}

interface TestResult {
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly title: string;
  readonly ms: number;
  readonly detail: string | null;
}

const marks = { passed: styleText('green', '✓'), failed: styleText('red', '✗'), skipped: '-' } as const;
const counts = { passed: 0, failed: 0, skipped: 0 };

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());

process.chdir(project);
const options = readOptions();
const began = performance.now();
try {
  const { kernel, initramfs } = await setUp(options.chosen.flatMap(({ medium, needs = [] }) => [medium, ...needs]));
  const daemon = process.env['BACKHAULD'] ?? builtDaemon();
  for (const suite of options.chosen) {
    if (!interruption.signal.aborted) await runSuite(suite, kernel, initramfs, daemon);
  }
} catch (error) {
  if (!(error instanceof LabUnavailable)) throw error;
  console.error(`hardware: the lab cannot be set up here: ${error.message}`);
  process.exit(3);
}
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`\nhardware, ${seconds} s: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 || interruption.signal.aborted ? 1 : 0);

function readOptions(): Options {
  const fail = (why: string): never => {
    console.error(`${why}\n${usage}`);
    return process.exit(2);
  };
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { only: { type: 'string' }, cycles: { type: 'string' }, show: { type: 'boolean' } },
    });
    const unknown = positionals.filter((name) => !media.some((medium) => medium === name));
    if (unknown.length > 0) return fail(`there is no medium ${unknown.join(', ')}`);
    const cycles = Number(values.cycles ?? 10);
    if (!Number.isInteger(cycles) || cycles < 1) return fail('--cycles takes a number from 1');
    const chosen = suites.filter(
      ({ medium, name }) =>
        (positionals.length === 0 || positionals.includes(medium)) && (values.only ?? name) === name,
    );
    if (chosen.length === 0) return fail('there is no such suite');
    return { chosen, cycles, show: values.show === true };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

async function setUp(wanted: readonly Medium[]): Promise<{ kernel: string; initramfs: string }> {
  if (process.arch !== 'x64') throw new LabUnavailable(`it emulates an x86-64 PC, and this machine is ${process.arch}`);
  const setup = spawn(process.execPath, ['scripts/setup.mjs', `--hardware=${[...new Set(wanted)].join(',')}`], {
    cwd: project,
    stdio: 'inherit',
  });
  const [code] = (await once(setup, 'close')) as [number | null];
  if (code !== 0) throw new LabUnavailable('Debian packages are missing');
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'backhauld');
  const kernel = await fetchKernel(cache);
  // Unpacked, not installed: it would take the place of the machine's own busybox.
  await unpackPackage('busybox-static', join(cache, 'busybox-static'));
  const busybox = join(cache, 'busybox-static/bin/busybox');
  return { kernel: kernel.image, initramfs: await buildInitramfs(kernel, busybox, cache) };
}

/** The command as users run it; built anew where a source is newer. */
function builtDaemon(): string {
  const newest = Math.max(
    ...readdirSync('src', { recursive: true }).map((name) => statSync(join('src', String(name))).mtimeMs),
  );
  if (!existsSync('dist/cli.js') || statSync('dist/cli.js').mtimeMs < newest) {
    execFileSync(process.execPath, ['scripts/build.ts'], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return join(project, 'bin/backhauld.js');
}

async function runSuite(suite: SuiteDescription, kernel: string, initramfs: string, daemon: string): Promise<void> {
  const { medium, name, devices } = suite;
  const timeoutS = suite.timeoutS + (suite.perCycleS ?? 0) * options.cycles;
  console.log(`\n── ${medium}/${name}`);
  const logs = join(project, 'node_modules/.cache/backhauld');
  mkdirSync(logs, { recursive: true });
  // Sockets have names of at most 107 bytes, so the machine's own files are elsewhere.
  const directory = mkdtempSync(join(tmpdir(), 'backhauld-lab-'));
  const log = join(logs, `hardware-${medium}-${name}.log`);
  try {
    await build({
      entryPoints: [`${project}/test/hardware/${medium}/${name}.suite.ts`],
      outfile: join(directory, 'suite.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      sourcemap: 'inline',
      external: ['koffi'],
      logLevel: 'warning',
    });
    writeFileSync(join(directory, 'options.json'), JSON.stringify({ project, daemon, cycles: options.cycles }));
    writeFileSync(log, '');
    let text: string[] = [];
    const end = await runMachine(
      {
        directory,
        kernel,
        initramfs,
        project,
        devices,
        memoryMb: 1024,
        timeoutMs: timeoutS * 1000,
        onText: (line) => {
          appendFileSync(log, `${line}\n`);
          text.push(line);
          if (options.show) console.log(`      ${line}`);
        },
        onResult: (line) => {
          const result = JSON.parse(line) as TestResult;
          tell(result, result.status === 'failed' && !options.show ? text.slice(-60) : []);
          text = [];
        },
      },
      interruption.signal,
    );
    if (end.how !== 'ended') {
      const why = { timedOut: `over ${timeoutS} s in all`, interrupted: 'interrupted', crashed: 'the machine crashed' };
      const said = [...text.slice(-60), end.said];
      tell({ status: 'failed', title: `${medium}/${name} comes to its end`, ms: 0, detail: why[end.how] }, said);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function tell({ status, title, ms, detail }: TestResult, text: readonly string[]): void {
  counts[status] += 1;
  const told = detail === null || status === 'failed' ? '' : ` (${detail})`;
  console.log(`${marks[status]} ${String(ms).padStart(6)} ms  ${title}${told}`);
  if (status !== 'failed') return;
  for (const line of [...(detail ?? '').split('\n'), ...text]) console.log(`      | ${line}`);
}
