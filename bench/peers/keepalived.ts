import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lab } from '../../lab/lab.ts';
import type { LabUplink } from '../../lab/uplink.ts';
import type { Contender, Running } from '../contender.ts';

const program = '/usr/sbin/keepalived';

/**
 * As gateways use it: one VRRP instance for each uplink owns its default route while the link has carrier (which VRRP
 * tracks for its own interface) and one of two targets answers a ping through it, asked each second; two misses take
 * the route away, two answers bring it back. Priority 255 and adverts each 0.1 s: there is nobody else to wait for.
 */
const instance = ({ name, gateway }: LabUplink, position: number): string => `
vrrp_script check_${name} {
  script "/bin/sh -c 'ping -q -n -c 1 -W 1 -I ${name} 1.1.1.1 || ping -q -n -c 1 -W 1 -I ${name} 8.8.8.8'"
  interval 1
  timeout 3
  fall 2
  rise 2
}
vrrp_instance ${name} {
  interface ${name}
  state MASTER
  version 3
  virtual_router_id ${position + 1}
  priority 255
  advert_int 0.1
  virtual_ipaddress {
    169.254.99.${position + 1}/32 dev lo
  }
  virtual_routes {
    0.0.0.0/0 via ${gateway} dev ${name} metric ${position + 1}
  }
  track_script {
    check_${name}
  }
}
`;

const settings = `global_defs {
  vrrp_garp_master_repeat 1
  script_user root
  max_auto_priority 0
}
`;

/** keepalived by itself; a DHCP client for each uplink holds the leases. */
export const keepalived: Contender = {
  name: 'keepalived',
  mostRuns: 4,
  missing: async () => (existsSync(program) ? null : 'not installed'),
  start,
};

async function start({ node, uplinks, directory }: Lab): Promise<Running> {
  const own = join(directory, 'keepalived');
  await mkdir(own, { recursive: true });
  const file = join(own, 'keepalived.conf');
  await writeFile(file, settings + uplinks.map(instance).join(''), { mode: 0o600 });
  const daemon = node.spawn(program, [
    '--dont-fork',
    '--log-console',
    '--vrrp',
    `--use-file=${file}`,
    `--pid=${join(own, 'pid')}`,
    `--vrrp_pid=${join(own, 'vrrp.pid')}`,
  ]);
  const ready = async () => {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const routes = await node.exec('ip', ['-4', 'route', 'show', 'default']);
      const isWhole = uplinks.every(({ name }, position) =>
        routes.includes(`dev ${name} proto keepalived metric ${position + 1}`),
      );
      if (isWhole) return;
      if (!daemon.isRunning || performance.now() > deadline) {
        throw new Error(`keepalived does not route: ${daemon.lastLines.split('\n').slice(-2).join('; ')}`);
      }
      await wait(100);
    }
  };
  return { ready, pids: [daemon.pid], end: async () => void (await daemon.end()) };
}
