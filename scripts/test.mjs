/**
 * `npm test`: sets up what is missing, then runs every test that this machine can run, within ten minutes.
 *
 * With `--browser` the page is tried in a real browser, too.
 *
 * What it cannot run it names at the end; with CI=true that is a failure. The last line sums up all test runs
 * (`N passed, N failed, N skipped`) for people and for machines.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { node24, projectDir, runBound, toolPath } from './children.mjs';
import { setup } from './setup.mjs';

const TOTAL_MS = 10 * 60_000;
const deadline = performance.now() + TOTAL_MS;

const vitest = resolve(projectDir, 'node_modules/vitest/vitest.mjs');
const sandbox = resolve(projectDir, 'scripts/sandbox.mjs');

const isWithBrowser = process.argv.includes('--browser');

/** Each part with what this machine lacks for it, if anything; a part without a folder of tests is no part yet. */
const parts = [
  { name: 'check', args: ['scripts/check.ts'] },
  { name: 'model', folder: 'test/model', args: [vitest, 'run', '--project', 'model'] },
  {
    name: 'netns',
    folder: 'test/netns',
    lacks: lackOfNamespaces,
    args: [sandbox, node24, vitest, 'run', '--project', 'netns'],
  },
  // The same faults in the same order each time; `npm run test:chaos` has others each day.
  {
    name: 'chaos',
    folder: 'test/chaos',
    lacks: lackOfNamespaces,
    args: ['test/chaos/main.ts', '--seed', '7', '--seconds', '30'],
  },
  ...(isWithBrowser ? [{ name: 'browser', args: [vitest, 'run', '--project', 'browser'] }] : []),
].filter(({ folder }) => !folder || existsSync(resolve(projectDir, folder)));

await setup({ browser: isWithBrowser });

const tallyDir = mkdtempSync(join(tmpdir(), 'backhauld-tally-'));
process.on('exit', () => rmSync(tallyDir, { recursive: true, force: true }));

const failed = [];
const notRun = [];
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (interrupted = true));

for (const { name, args, lacks } of parts) {
  const lack = interrupted ? 'interrupted' : lacks?.();
  const timeoutMs = deadline - performance.now();
  if (lack || timeoutMs <= 0) {
    notRun.push(`${name} (${lack || 'no time left'})`);
    continue;
  }
  console.log(`\n── ${name}`);
  const { code, timedOut } = await runBound(node24, args, {
    cwd: projectDir,
    env: { TEST_TALLY_DIR: tallyDir },
    timeoutMs,
  });
  if (code !== 0) failed.push(timedOut ? `${name} (over ${TOTAL_MS / 60_000} minutes in all)` : name);
}

const tally = sumTallies();
const incomplete = notRun.length > 0 && process.env.CI === 'true';

console.log(`\n── summary, ${((TOTAL_MS - deadline + performance.now()) / 1000).toFixed(0)} s`);
if (notRun.length > 0) console.log(`not run: ${notRun.join(', ')}${incomplete ? ': with CI=true a failure' : ''}`);
if (failed.length > 0) console.log(`failed:  ${failed.join(', ')}`);
if (failed.length === 0 && !incomplete) console.log(notRun.length > 0 ? 'all that ran passed' : 'all passed');
// A part can fail with every test passing (a lint error, a crash): that counts as one failure, never as none.
const failures = Math.max(tally.failed, failed.length) + (incomplete ? notRun.length : 0);
console.log(`${tally.passed} passed, ${failures} failed, ${tally.skipped} skipped`);
process.exitCode = failures > 0 || interrupted ? 1 : 0;

function lackOfNamespaces() {
  const { status, stderr } = spawnSync(process.execPath, [sandbox, 'true'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: toolPath() },
  });
  return status === 0 ? undefined : `no network namespaces here: ${stderr.trim().split('\n').at(-1)}`;
}

function sumTallies() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of readdirSync(tallyDir)) {
    const run = JSON.parse(readFileSync(join(tallyDir, file), 'utf8'));
    sum.passed += run.numPassedTests;
    sum.failed += run.numFailedTests;
    sum.skipped += run.numPendingTests + run.numTodoTests;
  }
  return sum;
}
