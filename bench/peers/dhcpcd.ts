import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import type { Service } from '../../lab/process.ts';
import type { Contender, Running } from '../contender.ts';
import { family } from '../process-cost.ts';

const program = '/usr/sbin/dhcpcd';

const settings = `duid
persistent
noipv6
noipv4ll
noarp
nohook resolv.conf, hostname, timezone, ntp.conf
`;

/** dhcpcd by itself: it holds the leases, its metrics rank the default routes, and it takes away those without carrier. */
export const dhcpcd: Contender = {
  name: 'dhcpcd',
  lab: { dhcp: 'none' },
  mostRuns: 4,
  missing: async () => (existsSync(program) ? null : 'not installed'),
  start,
};

async function start(lab: Lab): Promise<Running> {
  const directory = join(lab.directory, 'dhcpcd');
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'dhcpcd.conf');
  const metrics = lab.uplinks.map(({ name, plan }) => `interface ${name}\nmetric ${plan.metric}\n`);
  await writeFile(file, settings + metrics.join(''));
  // It keeps leases there and nowhere else. Namespaces of `ip netns exec` have their own mounts: the machine's stay.
  const daemon = lab.node.spawn('sh', [
    '-c',
    'mkdir -p /run/dhcpcd && mount -t tmpfs tmpfs /var/lib/dhcpcd && exec "$@"',
    'sh',
    program,
    '--nobackground',
    '--nodev',
    '--config',
    file,
    ...lab.uplinks.map(({ name }) => name),
  ]);
  const ready = async () => {
    await Promise.race([
      Promise.all(lab.uplinks.map((uplink) => uplink.untilReady('ipv4'))),
      daemon.ended.then(() => {
        throw new Error(`dhcpcd has ended: ${daemon.lastLines.split('\n').at(-1)}`);
      }),
    ]);
  };
  await ready();
  return { ready, pids: [daemon.pid], end: () => endWithHelpers(daemon) };
}

/** Its helpers may outlive it, and hold what it writes to open. */
async function endWithHelpers(daemon: Service): Promise<void> {
  const helpers = family(daemon.pid).slice(1);
  daemon.signal('SIGTERM');
  await Promise.race([daemon.ended, wait(1000)]);
  for (const pid of helpers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone, as it should be.
    }
  }
  await daemon.end();
}
