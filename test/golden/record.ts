/**
 * Plays incidents in the virtual node with the real daemon, and keeps its recordings as golden cases:
 *
 *     node scripts/sandbox.mjs node test/golden/record.ts [NAME…]
 *
 * What is expected of a replay of them is then written by `npx vitest run --project golden -u`, and to be looked at.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon } from '../../lab/daemon.ts';
import { createLab, type Lab } from '../../lab/lab.ts';
import { listSegments } from '../../src/adapters/recorder/recordings.ts';
import type { Family } from '../../src/model/family.ts';
import type { Status } from '../../src/model/status.ts';

interface Stage {
  readonly lab: Lab;
  readonly daemon: Daemon;
  /** Resolves when the uplink carries the traffic of the family. */
  readonly active: (uplink: string, family?: Family) => Promise<unknown>;
  /** Resolves when the status is so. */
  readonly until: (condition: (status: Status) => boolean) => Promise<unknown>;
}

const stateOf = ({ interfaces }: Status, name: string): string | undefined =>
  interfaces.find((one) => one.name === name)?.state;

const incidents: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  async 'pulled-cable'({ lab, active }) {
    await lab.uplink('eth0').pull();
    await active('wlan0');
    await lab.uplink('eth0').plug();
    await active('eth0');
  },
  async 'silent-black-hole'({ lab, active }) {
    await lab.uplink('eth0').blackhole(true);
    await active('wlan0');
    await lab.uplink('eth0').blackhole(false);
    await active('eth0');
  },
  async 'lossy-link'({ lab, active, until }) {
    await lab.uplink('eth0').loss(30);
    await active('wlan0');
    await until((status) => stateOf(status, 'eth0') === 'degraded');
    await lab.uplink('eth0').loss(0);
    await active('eth0');
  },
  async flapping({ lab, active, until }) {
    const flaps = lab.uplink('eth0').flap(700, 700, 6);
    await until(({ interfaces }) => interfaces.some(({ damping }) => damping.suppressed));
    await flaps;
    await until(({ interfaces }) => interfaces.every(({ damping }) => !damping.suppressed));
    await active('eth0');
  },
  async renumbered({ lab, daemon, active, until }) {
    const addressOf = ({ interfaces }: Status) =>
      interfaces.find(({ name }) => name === 'eth0')?.ipv4Addresses[0]?.address;
    const before = addressOf(await daemon.status());
    await lab.uplink('eth0').renumber();
    await lab.uplink('eth0').renew();
    await until((status) => ![undefined, before].includes(addressOf(status)));
    await active('eth0');
  },
  async 'adopted-after-kill'({ lab, daemon, active, until }) {
    await lab.uplink('eth0').pull();
    await active('wlan0');
    await daemon.kill();
    await lab.uplink('eth0').plug();
    await lab.uplink('eth0').untilReady('ipv4');
    await daemon.start();
    await until((status) => stateOf(status, 'wlan0') === 'up');
    await active('eth0');
  },
  async 'ipv6-alone-broken'({ lab, active }) {
    const router = lab.uplink('eth0').routerNamespace;
    await router.exec('ip', ['-6', 'route', 'add', 'blackhole', '2000::/3']);
    await active('wlan0', 'ipv6');
    await router.exec('ip', ['-6', 'route', 'delete', 'blackhole', '2000::/3']);
    await active('eth0', 'ipv6');
  },
};

const folder = fileURLToPath(new URL('recordings/', import.meta.url));
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(incidents);
await mkdir(folder, { recursive: true });
for (const name of chosen) await keep(name);

async function keep(name: string): Promise<void> {
  const play = incidents[name];
  if (play === undefined)
    throw new Error(`there is no incident ${name}; there are ${Object.keys(incidents).join(', ')}`);
  await using lab = await createLab();
  const daemon = new Daemon(lab);
  const until = async (condition: (status: Status) => boolean) => daemon.until(condition, name, 60_000);
  const active = async (uplink: string, family: Family = 'ipv4') =>
    until((status) => status.active[family]?.iface === uplink);
  await daemon.start();
  await until(({ interfaces }) => interfaces.length === 3 && interfaces.every(({ state }) => state === 'up'));
  await Promise.all([active('eth0'), active('eth0', 'ipv6')]);
  await play({ lab, daemon, active, until });
  if ((await daemon.stop()) !== 0) throw new Error(`${name}: the daemon did not end well\n${daemon.lastLines}`);
  const segments = await listSegments(join(lab.directory, 'state', 'recordings'));
  const last = segments.at(-1);
  if (last === undefined || last.segment !== 0) throw new Error(`${name}: the run is not one segment`);
  await copyFile(last.file, join(folder, `${name}.recording`));
  console.log(`${name}: ${last.bytes} bytes`);
}
