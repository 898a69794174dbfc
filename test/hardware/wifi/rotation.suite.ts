import assert from 'node:assert/strict';
import { suite } from '../guest/suite.ts';
import { channel, hotspotNode, ssid } from './hotspot.ts';
import { createRadios } from './radios.ts';
import { Station, type Network } from './station.ts';

/** In the machine a station needs 1 to 2 s to join; the key before the new one works for so long. */
const overlapS = 40;

/** The key changes while clients are on. */
await suite(async (test) => {
  await createRadios(6, 'DE');
  const [one, two, three, four, fresh] = [
    await Station.create('one', 1),
    await Station.create('two', 2),
    await Station.create('three', 3),
    await Station.create('four', 4),
    // Who was on with the old key by SAE is asked for it until it ends (hostapd tries one password a client).
    await Station.create('fresh', 5),
  ];
  await using node = hotspotNode({ uplinks: ['cable0'], overlap: `${overlapS}s` });
  await node.start();
  await node.untilHotspot('active');
  const keyed = (security: Network['security'], key: string): Network => ({ ssid, key, security, channels: [channel] });
  const before = await node.key();
  let after = '';
  let rotatedAt = 0;

  await test('clients are on by WPA2 and by SAE', async () => {
    await one.join(keyed('wpa2', before));
    await two.join(keyed('wpa3', before));
    await four.join(keyed('wpa3', before));
    await four.leave();
  });
  await test('SECU-2: the key is rotated', async () => {
    rotatedAt = performance.now();
    await node.command('hotspot', 'rotate');
    after = await node.key();
    assert.notEqual(after, before);
    const isOverlapping = await node.until(({ hotspot }) => hotspot?.key.previousEndsInMs !== null, 'both are good');
    assert.equal(isOverlapping.hotspot?.state, 'active');
  });
  for (const security of ['wpa2', 'wpa3'] as const) {
    await test(`SECU-2: a client joins by ${security} with the new key`, async () => {
      await fresh.join(keyed(security, after));
      await fresh.leave();
    });
  }
  await test('SECU-2: a client joins by wpa2 with the old key while both are good', async () => {
    await three.join(keyed('wpa2', before));
    await three.leave();
  });
  await test('SECU-2: a client that was on comes back by wpa3 with the old key while both are good', async () => {
    await four.join(keyed('wpa3', before));
    await four.leave();
  });
  await test('SECU-2: nobody is thrown out while both are good', async () => {
    const elapsed = performance.now() - rotatedAt;
    assert.ok(elapsed < overlapS * 1000, `the tests took ${Math.round(elapsed)} ms: the old key has ended meanwhile`);
    assert.deepEqual([one.drops, two.drops], [0, 0]);
    assert.deepEqual([await one.isConnected(), await two.isConnected()], [true, true]);
  });
  await test(
    'SECU-2: the end of the old key throws nobody with the new key out',
    async () => {
      await three.join(keyed('wpa2', after));
      await fresh.join(keyed('wpa3', after));
      const hasEnded = await node.until(
        ({ hotspot }) => hotspot?.key.previousEndsInMs === null,
        'the old key has ended',
        overlapS * 1000,
      );
      assert.equal(hasEnded.hotspot?.state, 'active');
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.deepEqual([three.drops, fresh.drops], [0, 0]);
      assert.deepEqual([await three.isConnected(), await fresh.isConnected()], [true, true]);
      return `with the old key: ${one.drops} dropped by wpa2, ${two.drops} by wpa3`;
    },
    { timeoutMs: 90_000 },
  );
  await one.leave();
  await two.leave();
  for (const security of ['wpa2', 'wpa3'] as const) {
    await test(`SECU-2: afterwards the old key is refused by ${security}`, async () => {
      const told = await one.isRefused(keyed(security, before));
      await one.leave();
      return told;
    });
    await test(`SECU-2: afterwards one who was on by ${security} does not get in again with the old key`, async () => {
      const told = await two.isRefused(keyed(security, before));
      await two.leave();
      return told;
    });
    await test(`SECU-2: afterwards the new key is good by ${security}`, async () => {
      await one.join(keyed(security, after));
      await one.leave();
    });
  }
  await test('AP-3: at the end nothing is left', async () => {
    assert.deepEqual(await node.stop(), { code: 0, left: [] });
  });
});
