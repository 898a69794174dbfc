/**
 * Runs a command where it cannot touch the machine's network: `node scripts/sandbox.mjs COMMAND [ARGUMENTS…]`.
 *
 * The command gets network, mount and process namespaces of its own, with a fresh /run (so `ip netns` and
 * nftables, dnsmasq and hostapd leave nothing behind), a /sys that shows only its own interfaces, a resolv.conf of its
 * own, and `lo` up.
 * Everyone may do it: who is not root becomes root of a user namespace.
 *
 * INVARIANT: nothing outlives this process. It dies (even by SIGKILL) → setpriv has made the kernel kill
 * unshare → --kill-child has made it kill process 1 of the namespace → the kernel kills the rest and frees the
 * namespaces.
 */
import { spawnSync } from 'node:child_process';
import { run } from './children.mjs';

const unshare = [
  'unshare',
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--propagation',
  'private',
];
const asRoot = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];

// Process 1 is this shell: it reaps orphans, which a test runner in its place would leave as zombies. A host that
// hides parts of /sys refuses a fresh one; then /sys shows the host's interfaces, and tests that read it say so.
const inside = `
  mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run && mkdir /run/netns || exit 3
  # Where it is a link into /run, it leads nowhere here, and nothing is written through it.
  if [ -f /etc/resolv.conf ]; then
    cat /etc/resolv.conf >/run/resolv.conf && mount --bind /run/resolv.conf /etc/resolv.conf || exit 3
  fi
  mount -t sysfs -o nosuid,nodev,noexec sysfs /sys 2>/dev/null
  ip link set lo up || exit 3
  "$@"
  exit $?
`;

/** unshare blocks signals and process 1 ignores them, so the command itself, two levels down, is told. */
function tellCommand(signal, { pid }) {
  const [init] = childrenOf(pid);
  for (const command of init ? childrenOf(init) : []) process.kill(command, signal);
}

function childrenOf(pid) {
  const { stdout } = spawnSync('pgrep', ['--parent', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

const command = process.argv.slice(2);
if (command.length === 0) {
  console.error('usage: node scripts/sandbox.mjs COMMAND [ARGUMENTS…]');
  process.exit(2);
}
const { code } = await run(
  'setpriv',
  ['--pdeathsig', 'KILL', ...unshare, ...asRoot, '--', 'sh', '-c', inside, 'sandbox', ...command],
  {
    onSignal: tellCommand,
  },
);
process.exit(code);
