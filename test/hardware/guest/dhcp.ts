import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '../../../lab/namespace.ts';
import { run, type Service } from '../../../lab/process.ts';
import { workFolder } from './machine.ts';

/** What a client was given. */
export interface GivenLease {
  readonly address: string;
  readonly router: string;
  readonly dns: string;
}

/** A plain client's script: takes the address and the default route, with $METRIC, and says so. */
const hook = join(workFolder, 'dhcp-hook.sh');
writeFileSync(
  hook,
  `#!/bin/sh
case $1 in
  deconfig) ip -4 address flush dev "$interface" ;;
  bound | renew)
    ip address replace "$ip/$mask" dev "$interface"
    [ -z "$router" ] || ip route replace default via "\${router%% *}" dev "$interface" metric "\${METRIC:-100}"
    echo "lease $ip \${router:--} \${dns:--}" ;;
esac
`,
);
chmodSync(hook, 0o755);

/** Runs a DHCP client until it has a lease. `inside`: the client's namespace; null: the node itself. */
export async function takeLease(inside: Namespace | null, link: string, metric = 100): Promise<GivenLease> {
  const client = ['-n', '-q', '-f', '-t', '10', '-T', '1', '-i', link, '-s', hook];
  const program = ['env', `METRIC=${metric}`, 'udhcpc', ...client];
  const command = inside === null ? program : ['ip', 'netns', 'exec', inside.name, ...program];
  const [file = '', ...args] = command;
  const said = await run(file, args);
  const [, address = '', router = '', dns = ''] = /^lease (\S+) (\S+) (\S+)/mu.exec(said) ?? [];
  if (address === '') throw new Error(`no lease on ${link}: ${said}`);
  return { address, router, dns };
}

/** Serves addresses .10 to .50 of a /24 on a link that has its .1; `link*`: on each that is called so, as soon as it is there. */
export async function serveLeases(
  namespace: Namespace,
  link: string,
  network: string,
  onLine?: (line: string) => void,
): Promise<Service> {
  const server = namespace.spawn(
    'dnsmasq',
    [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--user=root',
      '--no-resolv',
      '--no-hosts',
      '--port=0',
      `--interface=${link}`,
      link.endsWith('*') ? '--bind-dynamic' : '--bind-interfaces',
      '--dhcp-authoritative',
      '--no-ping',
      '--log-facility=-',
      `--dhcp-range=${network}.10,${network}.50,12h`,
      `--dhcp-leasefile=${join(workFolder, `${namespace.name}.leases`)}`,
      `--pid-file=${join(workFolder, `${namespace.name}.pid`)}`,
    ],
    onLine === undefined ? {} : { onLine },
  );
  await server.line((line) => line.includes('started'));
  return server;
}
