import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../../lab/lab.ts';
import { farHost } from '../../lab/topology.ts';
import type { Contender, Running } from '../contender.ts';

const program = '/usr/sbin/NetworkManager';
const busProgram = '/usr/bin/dbus-daemon';

const settings = `[main]
plugins=keyfile
dhcp=internal
dns=none
no-auto-default=*
[connectivity]
uri=http://${farHost.ipv4}/
interval=5
[keyfile]
unmanaged-devices=none
`;

const profile = (name: string, metric: number): string => `[connection]
id=${name}
type=ethernet
interface-name=${name}
autoconnect=true
[ipv4]
method=auto
route-metric=${metric}
[ipv6]
method=ignore
`;

/**
 * NetworkManager by itself: it holds the leases, its metrics rank the default routes, and it asks for a page through each
 * device every 5 s (its own default: every 5 min), which makes those that fail rank last.
 */
export const networkManager: Contender = {
  name: 'NetworkManager',
  lab: { dhcp: 'none' },
  mostRuns: 4,
  missing: async () => {
    if (!existsSync(program)) return 'not installed';
    return existsSync(busProgram) ? null : 'dbus-daemon is not installed';
  },
  start,
};

async function start(lab: Lab): Promise<Running> {
  const directory = join(lab.directory, 'network-manager');
  const profiles = join(directory, 'profiles');
  await mkdir(profiles, { recursive: true });
  await mkdir('/run/dbus', { recursive: true });
  const file = join(directory, 'NetworkManager.conf');
  await writeFile(file, `${settings}path=${profiles}\n`);
  for (const { name, plan } of lab.uplinks) {
    // It passes over profiles that others might read.
    await writeFile(join(profiles, `${name}.nmconnection`), profile(name, plan.metric), { mode: 0o600 });
  }
  const page = lab.internet.spawn(process.execPath, [fileURLToPath(new URL('online-check.ts', import.meta.url))]);
  await page.line((line) => line === 'ready');
  const bus = lab.node.spawn(busProgram, [
    '--config-file=/usr/share/dbus-1/system.conf',
    '--nofork',
    '--nopidfile',
    '--address=unix:path=/run/dbus/system_bus_socket',
    '--print-address',
  ]);
  await bus.line((line) => line.startsWith('unix:'));
  // With a /sys that cannot be written to it takes this for a container, and does not wait for a udev to present each
  // device. Namespaces of `ip netns exec` have their own mounts: nobody else sees this.
  const manager = lab.node.spawn('sh', [
    '-c',
    'mount -o remount,ro /sys && exec "$@"',
    'sh',
    program,
    '--debug',
    '--log-level=WARN',
    `--config=${file}`,
    `--config-dir=${join(directory, 'none')}`,
    `--state-file=${join(directory, 'state')}`,
    `--pid-file=${join(directory, 'pid')}`,
  ]);
  await Promise.race([
    Promise.all(lab.uplinks.map((uplink) => uplink.untilReady('ipv4'))),
    manager.ended.then(() => {
      throw new Error(`NetworkManager has ended: ${manager.lastLines.split('\n').at(-1)}`);
    }),
  ]);
  return {
    ready: async () => {
      await Promise.all(lab.uplinks.map((uplink) => uplink.untilReady('ipv4')));
    },
    pids: [manager.pid],
    end: async () => {
      await manager.end();
      await bus.end();
      await page.end();
    },
  };
}
