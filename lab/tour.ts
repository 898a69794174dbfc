import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Status } from '../src/model/status.ts';
import { Daemon } from './daemon.ts';
import { createLab, type Lab } from './lab.ts';
import type { Meter, MeterReport } from './meter.ts';
import { compareSnapshots, snapshotNetwork } from './network-snapshot.ts';

/** What a step found out. */
interface Outcome {
  readonly isGood: boolean;
  readonly found: string;
}

interface Tour {
  readonly lab: Lab;
  readonly daemon: Daemon;
  readonly meter: Meter;
  /** The node's network before the daemon was started. */
  readonly before: readonly string[];
}

interface Step {
  /** What happens, and what is expected of it. */
  readonly title: string;
  readonly run: (tour: Tour) => Promise<Outcome>;
}

/** What a fault may cost that the kernel sees itself, on top of what the machine cost by standing still meanwhile. */
const most = { lost: 5, outageMs: 10 } as const;

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const cost = ({ outageMs, lost, ownDelayMs }: MeterReport): string =>
  `outage ${ms(outageMs)}, ${lost} lost${ownDelayMs > 5 ? ` (the machine itself stood still for ${ms(ownDelayMs)})` : ''}`;
const isCheap = ({ lost, outageMs, ownDelayMs }: MeterReport): boolean =>
  lost <= most.lost + Math.ceil(ownDelayMs) && outageMs <= most.outageMs + ownDelayMs;
const active = (status: Status): string | undefined => status.active.ipv4?.iface;

/** Does something to the node and waits until its traffic goes by `uplink`, seen from outside. */
async function moves(
  { meter }: Tour,
  uplink: string,
  withinMs: number,
  fault: () => Promise<unknown>,
): Promise<MeterReport> {
  await meter.report();
  meter.reset();
  await fault();
  await meter.until((report) => report.uplink === uplink && report.silentMs < 50, `traffic by ${uplink}`, withinMs);
  return meter.report();
}

/** wlan0 takes over, in the kernel and in the daemon's eyes. */
async function wlan0TakesOver(tour: Tour, fault: () => Promise<unknown>): Promise<Outcome> {
  const report = await moves(tour, 'wlan0', 5000, fault);
  const status = await tour.daemon.until((now) => active(now) === 'wlan0', 'the daemon sees it', 5000);
  return { isGood: isCheap(report), found: `${cost(report)}; ${status.active.ipv4?.because}` };
}

/** The traffic comes back to eth0, once the daemon trusts it again. */
async function returnsToEth0(tour: Tour, repair: () => Promise<unknown>): Promise<Outcome> {
  const report = await moves(tour, 'eth0', 30_000, repair);
  const status = await tour.daemon.until((now) => active(now) === 'eth0', 'the daemon sees it', 5000);
  return { isGood: report.lost === 0, found: `${cost(report)}; ${status.active.ipv4?.because}` };
}

const steps: readonly Step[] = [
  {
    title: 'the daemon starts: all three uplinks are up, eth0 carries the traffic',
    async run({ daemon, meter }) {
      const began = performance.now();
      await daemon.start();
      const ready = performance.now() - began;
      const status = await daemon.until(
        ({ interfaces, active: { ipv4, ipv6 } }) =>
          interfaces.length === 3 && interfaces.every(({ state }) => state === 'up') && ipv4 !== null && ipv6 !== null,
        'three uplinks are up',
        20_000,
      );
      const report = await meter.report();
      const found = `ready after ${(ready / 1000).toFixed(1)} s; IPv4 by ${active(status)}, IPv6 by ${status.active.ipv6?.iface}, ${report.lost} lost`;
      return { isGood: active(status) === 'eth0' && report.uplink === 'eth0' && report.lost === 0, found };
    },
  },
  {
    title: 'a second look changes nothing: the plan is empty',
    async run({ daemon }) {
      const plan = await daemon.plan();
      return { isGood: plan.length === 0, found: plan.map(({ target }) => target).join('; ') || 'nothing to do' };
    },
  },
  {
    title: `the cable of eth0 is pulled: wlan0 takes over, at most ${most.lost} datagrams lost`,
    run: (tour) => wlan0TakesOver(tour, () => tour.lab.uplink('eth0').pull()),
  },
  {
    title: 'the cable is back: the traffic returns once eth0 is trusted again, nothing lost',
    run: (tour) => returnsToEth0(tour, () => tour.lab.uplink('eth0').plug()),
  },
  {
    title: `eth0 is taken down by hand: wlan0 takes over, at most ${most.lost} datagrams lost`,
    run: (tour) => wlan0TakesOver(tour, () => tour.lab.uplink('eth0').adminDown()),
  },
  {
    title: 'eth0 is up again and has its lease: the traffic returns, nothing lost',
    run: (tour) => returnsToEth0(tour, () => tour.lab.uplink('eth0').adminUp()),
  },
  {
    title: 'one target is dead everywhere: nothing moves',
    async run({ lab, meter, daemon }) {
      const target = lab.target('1.1.1.1');
      meter.reset();
      await target.kill();
      const status = await daemon.until(({ blamedTargets }) => blamedTargets.length > 0, 'it is blamed', 25_000);
      await target.revive();
      const report = await meter.report();
      const isGood = report.switches === 0 && report.lost === 0 && active(status) === 'eth0';
      return { isGood, found: `${status.blamedTargets[0]?.target} is blamed, ${report.switches} switches` };
    },
  },
  {
    title: 'the provider behind eth0 goes silent with the carrier up: probes find out, wlan0 takes over',
    async run(tour) {
      const report = await moves(tour, 'wlan0', 15_000, () => tour.lab.uplink('eth0').blackhole(true));
      return { isGood: report.outageMs < 15_000, found: cost(report) };
    },
  },
  {
    title: `the daemon is killed and wlan0's cable pulled: the kernel alone moves the traffic`,
    async run(tour) {
      await tour.daemon.kill();
      const report = await moves(tour, 'wwan0', 5000, () => tour.lab.uplink('wlan0').pull());
      return { isGood: isCheap(report), found: cost(report) };
    },
  },
  {
    title: 'the daemon is started again: it adopts what is there, nothing moves, nothing lost',
    async run({ meter, daemon }) {
      meter.reset();
      await daemon.start();
      const status = await daemon.until((now) => now.active.ipv4 !== null, 'an active uplink', 10_000);
      await daemon.until(({ interfaces }) => interfaces.some(({ state }) => state === 'up'), 'an uplink is up', 15_000);
      const report = await meter.report();
      const isGood = report.lost === 0 && report.switches === 0 && active(status) === 'wwan0';
      return { isGood, found: `IPv4 by ${active(status)}, ${report.switches} switches, ${report.lost} lost` };
    },
  },
  {
    title: 'the daemon is stopped: the network is as it was found, traffic goes on',
    async run({ lab, meter, daemon, before }) {
      await Promise.all([lab.uplink('eth0').blackhole(false), lab.uplink('wlan0').plug()]);
      await lab.uplink('wlan0').untilCarrier(true);
      await Promise.all(['eth0', 'wlan0'].map((name) => lab.uplink(name).untilReady('ipv6')));
      meter.reset();
      const code = await daemon.stop();
      const report = await meter.report();
      const { missing, additional } = compareSnapshots(before, await snapshotNetwork(lab.node));
      const changes = [...missing.map((line) => `- ${line}`), ...additional.map((line) => `+ ${line}`)];
      const found = `exit code ${code}, ${report.lost} lost, ${changes.length === 0 ? 'no difference' : changes.join('\n      ')}`;
      return { isGood: code === 0 && report.lost === 0 && changes.length === 0, found };
    },
  },
];

export interface TourOptions {
  readonly hasColour: boolean;
  readonly write: (line: string) => void;
  /** A directory that gets a copy of the daemon's recordings; null for none. */
  readonly keep: string | null;
}

/** Plays the tour and resolves with whether every step did what it should. */
export async function playTour({ hasColour, write, keep }: TourOptions): Promise<boolean> {
  const colour = (code: string, text: string) => (hasColour ? `\u001B[${code}m${text}\u001B[0m` : text);
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s`;
  let failures = 0;
  const tell = (title: string, { isGood, found }: Outcome) => {
    failures += isGood ? 0 : 1;
    write(`${isGood ? colour('32', '✓') : colour('1;31', '✗')} ${colour('2', seconds())}  ${title}`);
    write(colour('2', `      ${found}`));
  };

  await using lab = await createLab();
  const meter = await lab.meter();
  const { uplink } = await meter.until(({ received }) => received > 100, 'traffic to the far host');
  tell('a node with three providers: real DHCP, real routes, one datagram a millisecond to a far host', {
    isGood: uplink === 'eth0',
    found: `${lab.uplinks.map(({ name, gateway }) => `${name} by ${gateway}`).join(', ')}; meter in ${meter.kind}`,
  });

  const daemon = new Daemon(lab, { socket: '/run/backhauld/control.sock' });
  const tour: Tour = { lab, daemon, meter, before: await snapshotNetwork(lab.node) };
  for (const [position, { title, run }] of steps.entries()) {
    try {
      tell(title, await run(tour));
    } catch (error) {
      tell(title, { isGood: false, found: error instanceof Error ? error.message : String(error) });
      // Without a daemon everything else would fail too, and say less.
      if (position === 0) break;
    }
  }
  if (keep !== null) {
    await cp(join(lab.directory, 'state', 'recordings'), keep, { recursive: true });
    write(`\nThe recordings are in ${keep}.`);
  }
  if (failures > 0) {
    const lines = daemon.lastLines.split('\n').slice(-15);
    write(`\nThe daemon's last lines:\n${lines.map((line) => line.slice(0, 200)).join('\n')}`);
  }
  write(`\n${failures === 0 ? 'Every step did what it should' : `${failures} steps failed`}, ${seconds().trim()}.`);
  return failures === 0;
}
