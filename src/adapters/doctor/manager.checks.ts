import { join } from 'node:path';

import { fine, warning, type Finding } from './finding.ts';
import { foreignSettings, readForeignSettings } from './networkd-settings.ts';
import { processesNamed } from '../process/programs.ts';
import { isAccessible, type Surroundings } from './surroundings.ts';

/** Other programs that manage the network: backhauld lives beside them, but whoever operates both should know. */
export const checkManagers = (surroundings: Surroundings): readonly Finding[] => [
  checkNetworkManager(surroundings),
  checkNetworkd(surroundings),
  ...checkOthers(surroundings),
];

function checkNetworkManager({ proc, run }: Surroundings): Finding {
  const check = 'NetworkManager';
  const [pid = null] = processesNamed('NetworkManager', proc);
  if (pid === null) {
    const hasLeft = isAccessible(join(run, 'NetworkManager'));
    return fine(check, hasLeft ? 'not running in this network namespace; it was, or is elsewhere' : 'not running');
  }
  return warning(
    check,
    `it runs (pid ${pid}) and holds the leases of the interfaces it manages`,
    'leave it their addresses; set "managed=0" (nmcli device set NAME managed no) where backhauld holds the lease',
  );
}

function checkNetworkd(surroundings: Surroundings): Finding {
  const check = 'systemd-networkd';
  const [pid = null] = processesNamed('systemd-networkd', surroundings.proc);
  if (pid === null) return fine(check, 'not running');
  const settings = readForeignSettings(surroundings);
  const deleting = foreignSettings.filter((name) => settings[name]);
  if (deleting.length === 0) return fine(check, `it runs (pid ${pid}) and leaves rules and routes of others alone`);
  return warning(
    check,
    `it runs (pid ${pid}) and deletes routes or rules of others when it starts or reconfigures a link`,
    `in /etc/systemd/networkd.conf.d/backhauld.conf, under [Network]: ${deleting.map((name) => `${name}=no`).join(' and ')}`,
  );
}

/** Programs that add default routes of their own, which backhauld takes for evidence of gateways and nothing more. */
const others = [
  {
    comm: 'dhcpcd',
    remedy: 'nothing, unless backhauld holds the lease: then add "denyinterfaces NAME" to dhcpcd.conf',
  },
  { comm: 'connmand', remedy: 'stop it, or list the uplinks in NetworkInterfaceBlacklist of its main.conf' },
  { comm: 'wickedd', remedy: 'nothing, unless backhauld holds the lease' },
  { comm: 'mwan3track', remedy: 'stop it: two programs cannot both choose the uplink' },
] as const;

const checkOthers = ({ proc }: Surroundings): readonly Finding[] =>
  others.flatMap(({ comm, remedy }) => {
    const [pid = null] = processesNamed(comm, proc);
    return pid === null ? [] : [warning(comm, `it runs (pid ${pid}) and manages interfaces`, remedy)];
  });
