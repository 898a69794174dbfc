import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import type { Contender, Running } from '../contender.ts';

const directoryOfPrograms = '/usr/lib/frr';
const program = (name: string): string => join(directoryOfPrograms, name);

/**
 * FRR by itself: zebra follows the links, and staticd ranks the default routes by distance. BFD needs a router that
 * plays along, which a provider's does not; and this version has no BFD for static routes (it came with 9.0).
 */
export const frr: Contender = {
  name: 'FRR, static routes',
  mostRuns: 4,
  missing: async () => (existsSync(program('staticd')) ? null : 'not installed'),
  start,
};

async function start({ node, uplinks }: Lab): Promise<Running> {
  // Its sockets and pid files have fixed places, as a user of its own; /run is the sandbox's own.
  const runtime = '/run/frr';
  await node.exec('install', ['-d', '-o', 'frr', '-g', 'frr', runtime]);
  const file = join(runtime, 'static.conf');
  const routes = uplinks.map(({ name, gateway }, rank) => `ip route 0.0.0.0/0 ${gateway} ${name} ${rank + 1}`);
  await writeFile(file, `${routes.join('\n')}\n`);
  // Kernel routes of other protocols win by their distance of 0, whoever made them.
  await node.ip(...uplinks.map(({ name }) => `route delete default dev ${name}`));
  const common = ['--vty_port', '0', '--log', 'stdout'];
  const zebra = node.spawn(program('zebra'), [...common, '--config_file', '/dev/null']);
  while (!existsSync('/run/frr/zserv.api')) {
    if (!zebra.isRunning) throw new Error(`zebra has ended: ${zebra.lastLines.split('\n').at(-1)}`);
    await wait(20);
  }
  const staticd = node.spawn(program('staticd'), [...common, '--config_file', file]);
  return {
    ready: async () => {
      await Promise.all(uplinks.map((uplink) => uplink.untilCarrier(true)));
    },
    pids: [zebra.pid, staticd.pid],
    end: async () => {
      await staticd.end();
      await zebra.end();
    },
  };
}
