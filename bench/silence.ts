import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lab } from '../lab/lab.ts';
import type { LabUplink } from '../lab/uplink.ts';
import { PathWatch } from './path-watch.ts';
import { begin, figure, movedAwayFrom, outageOf, type FailoverCell, type Outcome } from './play.ts';

/** Some only ask every few seconds, and believe a second answer more than the first. */
const silencePatienceMs = 30_000;

/** C: the router forwards nothing any more, and answers by itself as ever. */
export const blackHole = (runs: number): FailoverCell => ({
  cell: 'C',
  runs,
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    await uplink.blackhole(true);
    await movedAwayFrom(meter, uplink.name, silencePatienceMs);
    const report = await meter.report();
    await uplink.blackhole(false);
    return outageOf(report, silencePatienceMs);
  },
});

/** C with chatter: the router goes on asking for the node by ARP, pinging it, and sending five broadcasts a second. */
export const chattyBlackHole = (runs: number): FailoverCell => ({
  cell: 'C chatty',
  runs,
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    const silence = await chatter(lab, uplink);
    await uplink.blackhole(true);
    await movedAwayFrom(meter, uplink.name, silencePatienceMs);
    const report = await meter.report();
    await uplink.blackhole(false);
    await silence();
    return outageOf(report, silencePatienceMs);
  },
});

/** What a LAN says all the time. Resolves with the way to end it. */
async function chatter({ node }: Lab, { name, gateway, routerNamespace }: LabUplink): Promise<() => Promise<void>> {
  const shown = await node.exec('ip', ['-4', '-o', 'address', 'show', 'dev', name, 'scope', 'global']);
  const [, address = ''] = /inet (\S+)\//u.exec(shown) ?? [];
  const network = gateway.replace(/\d+$/u, '');
  const talkers = [
    routerNamespace.spawn('ping', ['-n', '-b', '-i', '0.2', `${network}255`]),
    routerNamespace.spawn('ping', ['-n', '-i', '0.5', address]),
    routerNamespace.spawn('busybox', ['arping', '-I', 'lan', address]),
  ];
  await talkers[1]?.line((line) => line.includes('bytes from'));
  return async () => {
    await Promise.all(talkers.map((talker) => talker.end()));
  };
}

/**
 * C₀: the same while nobody sends anything. The kernel is asked, without a packet, where one would go; the fault comes
 * in another part of the probe interval each time.
 */
export const idleBlackHole = (runs: number): FailoverCell => ({
  cell: 'C₀',
  runs,
  isFresh: true,
  async run({ lab, meter, run }): Promise<Outcome> {
    const uplink = await begin(meter, lab);
    await meter.close();
    const watch = await PathWatch.start(lab.node);
    if (watch === null) throw new Error('no gcc');
    await wait(4000 + (5000 * run) / runs);
    const began = performance.now();
    await uplink.blackhole(true);
    const moved = await watch.leaves(uplink.name, silencePatienceMs);
    const tookMs = (moved ?? performance.now()) - began;
    return {
      figures: [figure('until new traffic would go another way ms', 'ms', tookMs)],
      ...(moved === null ? { hasGivenUp: true, note: `not changed after ${silencePatienceMs / 1000} s` } : {}),
    };
  },
});

/** D: three in ten of the packets to the node are lost. How long until the traffic leaves, and whether it stays away. */
export const lossy = (runs: number, seconds: number): FailoverCell => ({
  cell: 'D',
  runs,
  isFresh: true,
  async run({ lab, meter }): Promise<Outcome> {
    // Who compares with what is usual has had some time to learn it.
    await wait(10_000);
    const uplink = await begin(meter, lab);
    const { atMs: began } = await meter.peek();
    const deadline = new AbortController();
    setTimeout(() => deadline.abort(), seconds * 1000);
    const over = once(deadline.signal, 'abort');
    await uplink.loss(30, 'down');
    const left = await meter
      .until((report) => report.uplink !== uplink.name || deadline.signal.aborted, 'it leaves', seconds * 1000 + 5000)
      .then((report) => (report.uplink === uplink.name ? null : report.atMs));
    await over;
    const report = await meter.report();
    await uplink.loss(0);
    return {
      figures: [
        figure('left after ms', 'ms', left === null ? Number.POSITIVE_INFINITY : left - began),
        figure('switches', 'switches', report.switches),
        figure('lost', 'lost', report.lost),
        figure('worst gap ms', 'ms', report.outageMs),
      ],
      ...(left === null ? { note: `still there after ${seconds} s` } : {}),
    };
  },
});
