import { setFlagsFromString } from 'node:v8';

import { socketStateAt } from '../adapters/control/socket-state.ts';
import type { Config } from '../model/config.ts';
import { BackhaulError } from '../model/errors.ts';
import type { Command, Invocation, Io } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

export const command: Command = {
  operands: '',
  fewestOperands: 0,
  mostOperands: 0,
  flags: {
    'dry-run': 'compute and show everything, change nothing',
    'monitor-only': 'keep the routing tables, install no rule',
  },
  about: `Runs the daemon in the foreground, in the network namespace it is started in.
Log lines are JSON on the standard error. It is ready when "backhauld status"
answers. SIGTERM or SIGINT ends it after the network is given back as it was
found; a second one ends it at once. Needs CAP_NET_ADMIN, except for --dry-run.`,
  run,
};

async function run({ flags, configPath, socketPath, stateDirectory, io }: Invocation): Promise<ExitCode> {
  const read = await readConfigFile(configPath);
  const config = withFlags(read.config, flags);
  // The server looks again when it makes its socket; this look comes before anything else is touched.
  if ((await socketStateAt(socketPath)) === 'answers') {
    throw new BackhaulError({
      code: 'control.inUse',
      subject: socketPath,
      message: 'a daemon answers on this control socket',
      remedy: 'stop the other daemon, or name another socket with --socket',
    });
  }
  keepHeapSmall();
  const stop = abortOnSignal(io);
  const { runDaemon } = await import('../main.ts');
  await runDaemon({ config, socketPath, stateDirectory }, stop);
  return exitCodes.ok;
}

/**
 * Keeps V8 small, before the daemon's code is loaded. A daemon that works a few milliseconds a second gains nothing from
 * optimised code (measured over minutes of ten probes a second: the same CPU time), but pays for it and for a large young
 * generation with 20 to 30 MB.
 */
function keepHeapSmall(): void {
  for (const flag of ['--semi-space-growth-factor=1', '--no-turbofan', '--no-maglev']) setFlagsFromString(flag);
}

const withFlags = (config: Config, flags: ReadonlySet<string>): Config => ({
  ...config,
  routing: {
    ...config.routing,
    execute: config.routing.execute && !flags.has('dry-run'),
    monitorOnly: config.routing.monitorOnly || flags.has('monitor-only'),
  },
});

function abortOnSignal(io: Io): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      io.err('backhauld: ended at once; "backhauld cleanup" removes what is left in the network\n');
      process.exit(exitCodes.failure);
    }
    controller.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // A terminal that is closed must not take the node offline.
  process.on('SIGHUP', () => {});
  return controller.signal;
}
