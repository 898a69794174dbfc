import { addressGap } from '../lab/address-gap.ts';
import { planUplinks } from '../lab/topology.ts';
import { begin, figure, movedAwayFrom, outageOf, patienceMs, type FailoverCell } from './play.ts';

/** G with a lease: the address that is flushed is put back by whoever holds its lease. */
export const leasedAddressFlushed = (runs: number): FailoverCell => ({
  cell: 'G lease',
  runs,
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    const restored = await addressGap(lab.node, uplink.name, async () => uplink.flushAddress());
    const { atMs } = await meter.peek();
    await meter.until((report) => report.atMs - atMs > 500, 'the traffic settles', patienceMs);
    const { figures, ...rest } = outageOf(await meter.report());
    return { ...rest, figures: [figure('restored ms', 'ms', restored), ...figures] };
  },
});

/** How long a lease is not asked for again after it was asked for, in milliseconds. */
const rest = 11_000;

/** N: the only network there is, is numbered anew; nobody is told. */
export const renumbered = (runs: number, patience = patienceMs): FailoverCell => ({
  cell: 'N',
  runs,
  isFresh: true,
  lab: { uplinks: planUplinks(1) },
  async run({ lab, meter }) {
    const { atMs } = await meter.peek();
    await meter.until((report) => report.atMs - atMs > rest, 'the lease is no new one any more', 2 * rest);
    const uplink = await begin(meter, lab);
    await uplink.renumber();
    // The far host knows the way by the router's outer address, which stays: it is the silence that ends.
    await meter.until(({ silentMs }) => silentMs > 100, 'the old network is gone', patienceMs).catch(() => undefined);
    await movedAwayFrom(meter, 'nobody', patience);
    return outageOf(await meter.report(), patience);
  },
});
