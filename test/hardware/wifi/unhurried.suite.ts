import assert from 'node:assert/strict';
import { Internet } from '../guest/internet.ts';
import { suite } from '../guest/suite.ts';
import { Air } from './air.ts';
import { allowanceMs, channel, hotspotNode, ssid } from './hotspot.ts';
import { createRadios } from './radios.ts';

const startAfterMs = 30_000;
const stopAfterMs = 60_000;

/** The hotspot comes and goes once, with the delays that users have. */
await suite(async (test) => {
  await createRadios(2, 'DE');
  const internet = await Internet.create();
  const cable = await internet.connect('cable0', 1, 100);
  const air = await Air.create(1);
  await using node = hotspotNode({ uplinks: ['cable0'], delays: 'defaults' });
  await node.start();
  await node.untilActive('cable0');

  await test('AP-1: by default a beacon is on air 30 s after the loss, within 8 s more', async () => {
    await cable.pull();
    const took = await air.until(ssid, channel, startAfterMs + allowanceMs);
    await node.untilHotspot('active');
    assert.ok(took >= startAfterMs, `after ${took} ms`);
    return `after ${took} ms`;
  });
  await test(
    'AP-1: by default it is gone 60 s after an uplink is back, within 8 s more',
    async () => {
      await cable.plug();
      const took = await air.untilSilent(ssid, channel, stopAfterMs + allowanceMs);
      await node.untilHotspot('inactive');
      assert.ok(took >= stopAfterMs, `after ${took} ms`);
      return `after ${took} ms`;
    },
    { timeoutMs: 100_000 },
  );
  await test('AP-3: at the end nothing is left', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
