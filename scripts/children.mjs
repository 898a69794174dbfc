/**
 * Child processes for the plain scripts, which must run on the machine's own Node 20 before anything is installed.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, resolve } from 'node:path';

/** The project's own folder, whatever the working directory. */
export const projectDir = resolve(import.meta.dirname, '..');

/** The Node that the project is written for; there after `npm ci`. */
export const node24 = resolve(projectDir, 'node_modules/.bin/node');

const installedBin = resolve(projectDir, 'node_modules/.bin');
const systemBins = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The PATH that finds the project's own tools first, and network tools also for users without sbin on theirs. */
export function toolPath() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== installedBin);
  return [installedBin, ...path, ...systemBins.filter((entry) => !path.includes(entry))].join(delimiter);
}

/** The PATH without the project's own tools: npm must not run on a Node that it is about to replace. */
export function systemPath() {
  return toolPath()
    .split(delimiter)
    .filter((entry) => !entry.endsWith('node_modules/.bin'))
    .join(delimiter);
}

/**
 * Runs a command to its end, forwarding SIGINT and SIGTERM to it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options] for `spawn`, and `onSignal(signal, child)` where the signal must go somewhere else,
 *   and `timeoutMs` after which it is ended: SIGTERM, five seconds later SIGKILL
 * @returns {Promise<{code: number, timedOut: boolean}>} the exit code, in the shell's way: 128 + n for signal n,
 *   127 for a command that is not there
 */
export function run(command, args, { onSignal, timeoutMs, ...options } = {}) {
  const child = spawn(command, args, {
    stdio: 'inherit',
    ...options,
    env: { ...process.env, PATH: toolPath(), ...options.env },
  });
  const end = (signal) => (onSignal ? onSignal(signal, child) : child.kill(signal));
  // A terminal has sent its Ctrl-C to the whole foreground group already; twice would mean "at once".
  const onInterrupt = () => process.stdin.isTTY || end('SIGINT');
  const onTerminate = () => end('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);

  let timedOut = false;
  let forced;
  const limit =
    timeoutMs &&
    setTimeout(() => {
      timedOut = true;
      end('SIGTERM');
      forced = setTimeout(() => child.kill('SIGKILL'), 5000);
    }, timeoutMs);

  return new Promise((done) => {
    const finish = (code) => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      clearTimeout(limit);
      clearTimeout(forced);
      done({ code, timedOut });
    };
    child.once('error', (error) => {
      console.error(`cannot run ${command}: ${error.message}`);
      finish(127);
    });
    child.once('exit', (code, signal) => finish(code ?? 128 + constants.signals[signal]));
  });
}

/** As `run`, for what must not go on when this process is killed: the kernel then ends it with SIGTERM. */
export function runBound(command, args, options) {
  return run('setpriv', ['--pdeathsig', 'TERM', command, ...args], options);
}
