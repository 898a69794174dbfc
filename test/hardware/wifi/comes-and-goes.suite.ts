import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { Internet } from '../guest/internet.ts';
import { options } from '../guest/machine.ts';
import { programsOf, type GuestNode } from '../guest/node.ts';
import { suite, until } from '../guest/suite.ts';
import { Air } from './air.ts';
import { allowanceMs, channel, hotspotNode, ssid } from './hotspot.ts';
import { createRadios } from './radios.ts';
import { Station } from './station.ts';

/** The hotspot comes with the loss of the last uplink and goes with its return, time after time. */
await suite(async (test) => {
  await createRadios(3, 'DE');
  const internet = await Internet.create();
  const cable = await internet.connect('cable0', 1, 100);
  const phone = await Station.create('phone', 1);
  const air = await Air.create(2);
  await using node = hotspotNode({ uplinks: ['cable0'] });
  await node.start();
  await node.untilActive('cable0');

  await test('AP-3: a hostapd that is killed is started again, and the client is back by itself', async () => {
    await node.command('hotspot', 'on');
    await node.untilHotspot('active');
    const network = { ssid, key: await node.key(), security: 'wpa2', channels: [channel] } as const;
    await phone.join(network);
    const [hostapd = ''] = programsOf(/^hostapd$/u);
    const isBack = phone.hears('CTRL-EVENT-CONNECTED', 40_000);
    const began = performance.now();
    process.kill(Number.parseInt(hostapd, 10), 'SIGKILL');
    const isAnother = (): boolean => programsOf(/^hostapd$/u).some((program) => program !== hostapd);
    await until(isAnother, 'another hostapd runs', { timeoutMs: 20_000, pauseMs: 200 });
    const restarted = Math.round(performance.now() - began);
    await isBack;
    await phone.leave();
    await node.untilHotspot('active');
    return `another one after ${restarted} ms, the client is on after ${Math.round(performance.now() - began)} ms`;
  });
  await test('AP-1: an operator who wants none has none', async () => {
    await node.command('hotspot', 'off');
    await node.untilHotspot('inactive');
    await air.untilSilent(ssid, channel, allowanceMs);
    await cable.pull();
    await node.untilActive(null);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.equal(await air.has(ssid, channel), false);
    await cable.plug();
    await node.untilActive('cable0');
    await node.command('hotspot', 'auto');
  });
  await test(
    `AP-1: it comes and goes ${options.cycles} times in a row, in time, and leaves nothing`,
    async () => {
      const before = await standing(node);
      const openings: number[] = [];
      const closings: number[] = [];
      for (let cycle = 1; cycle <= options.cycles; cycle++) {
        await cable.pull();
        openings.push(await air.until(ssid, channel, 1000 + allowanceMs));
        // The beacon is there before addresses and names are: it is to open altogether.
        await node.untilHotspot('active');
        await cable.plug();
        closings.push(await air.untilSilent(ssid, channel, 2000 + allowanceMs));
        await node.untilHotspot('inactive');
        assert.deepEqual(programsOf(/^(?:hostapd|dnsmasq)$/u), []);
        console.log(`── cycle ${cycle}: a beacon after ${openings.at(-1)} ms, none after ${closings.at(-1)} ms`);
      }
      await node.untilActive('cable0');
      // A program that the daemon has started to look at something is there for a moment.
      await until(async () => isDeepStrictEqual(await standing(node), before), 'all is as before').catch(() => null);
      assert.deepEqual(await standing(node), before);
      return `beacon ${figures(openings)} after the loss, none ${figures(closings)} after the return`;
    },
    { timeoutMs: 30_000 + options.cycles * 25_000 },
  );
  await test('AP-3: a daemon that is killed leaves no process; the next one clears up what it left', async () => {
    await cable.pull();
    await node.untilHotspot('active');
    await node.daemon.kill();
    await until(() => programsOf(/^(?:hostapd|dnsmasq)$/u).length === 0, 'its processes are gone');
    await cable.plug();
    await node.start();
    await node.untilActive('cable0');
    await air.untilSilent(ssid, channel, allowanceMs);
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});

/** What stands while the daemon runs; not what its uplink is given once it has forwarded, and keeps until the daemon ends. */
async function standing(node: GuestNode): Promise<readonly string[]> {
  return (await node.leftovers()).filter((line) => !line.includes('.accept_ra = '));
}

function figures(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  return `${sorted[sorted.length >> 1]} ms in the median and ${sorted.at(-1)} ms at worst`;
}
