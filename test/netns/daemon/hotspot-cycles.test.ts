import { expect, test } from 'vitest';
import { HotspotSite, onBridge } from './hotspot-site.ts';

/** Openings in a row; `HOTSPOT_CYCLES` names more of them. */
const cycles = Number(process.env['HOTSPOT_CYCLES'] ?? 3);
/** Beyond `startAfter` and `stopAfter`, in milliseconds. */
const slack = 2000;

test(
  'AP-1: it opens within startAfter + 2 s and lets go within stopAfter + 2 s, again and again, and leaves nothing',
  async () => {
    await using home = await HotspotSite.create();
    const { site } = home;
    await site.start(onBridge);
    const { uplinks } = site.lab;
    const openings: number[] = [];
    const closings: number[] = [];
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const lost = performance.now();
      await Promise.all(uplinks.map(async (uplink) => uplink.pull()));
      await home.untilState('active');
      openings.push(performance.now() - lost);
      const back = performance.now();
      await Promise.all(uplinks.map(async (uplink) => uplink.plug()));
      await home.untilState('inactive');
      closings.push(performance.now() - back);
      expect(await home.leftovers()).toEqual([]);
    }
    const show = (all: readonly number[]) => all.map((one) => Math.round(one)).join(' ');
    console.info(`opened after ${show(openings)} ms, closed after ${show(closings)} ms`);
    expect(Math.max(...openings)).toBeLessThan(1000 + slack);
    expect(Math.max(...closings)).toBeLessThan(2000 + slack);
    expect(await site.stop()).toMatchObject({ code: 0 });
    expect(await home.leftovers()).toEqual([]);
  },
  60_000 + cycles * 10_000,
);
