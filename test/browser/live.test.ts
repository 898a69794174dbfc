import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeDaemon } from './support/fake-daemon.ts';
import { Scene } from './support/scene.ts';
import { Viewer } from './support/viewer.ts';

const folder = mkdtempSync(join(tmpdir(), 'backhauld-viewer-'));
const socketPath = join(folder, 'control.sock');
let viewer: Viewer;
let daemon: FakeDaemon;
let scene: Scene;

beforeAll(async () => {
  viewer = await Viewer.launch();
});
afterAll(async () => {
  await viewer.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  daemon = new FakeDaemon(socketPath);
  play(startedScene());
  await daemon.start();
});
afterEach(async () => {
  await viewer.closePages();
  await daemon.stop();
});

/** Three uplinks that have been up for two minutes, by this process's clock. */
function startedScene(): Scene {
  const before = 120_000;
  const started = new Scene(performance.now() - before, Date.now() - before);
  started.find(2, 'eth0', 9);
  started.find(3, 'wwan0', 42);
  started.find(4, 'wlan0', 18);
  started.observe();
  started.pass(119);
  return started;
}

function play(next: Scene): void {
  scene = next;
  daemon.actors = next.actors;
  next.onItem = (item) => daemon.tell(item);
}

const card = (page: Page, id: string) => page.locator(`.card[data-actor="${id}"]`);
const isLive = (page: Page) => page.locator('#connection[data-connection="live"]').waitFor();

/** The ids of the states that are lit in an actor's picture. */
const litIn = (page: Page, id: string) =>
  card(page, id)
    .locator('[data-state].is-active')
    .evaluateAll((elements) => elements.map((element) => element.getAttribute('data-state') ?? '').toSorted());

describe('the live page', () => {
  test('lights the states of every actor, and those it is told of', async () => {
    const page = await viewer.openLive(socketPath);
    await card(page, 'interface.2').waitFor();
    for (const actor of scene.actors()) {
      expect(await litIn(page, actor.id)).toEqual(actor.states.toSorted());
    }

    scene.catchUp();
    scene.change(2, { hasCarrier: false });
    await card(page, 'interface.2').locator('header .state', { hasText: 'down' }).waitFor();
    expect(await litIn(page, 'interface.2')).toEqual(
      scene
        .actors()
        .find(({ id }) => id === 'interface.2')
        ?.states.toSorted(),
    );
  });

  test('flashes the transition that is taken, and tells it with its event, its guards and its sender', async () => {
    const page = await viewer.openLive(socketPath);
    await card(page, 'interface.2').locator('.open').click();
    scene.catchUp();
    scene.change(2, { hasCarrier: false });
    await page.locator('.large [data-transition~="interface.lifecycle|presence.lost|0"].is-taken').first().waitFor();
    await expect.poll(() => page.locator('.large [data-transition].is-taken').count()).toBe(0);
    const told = await page.locator('.taken li').first().textContent();
    expect(told).toContain('presence.lost → down.steady');
    expect(told).toContain('eth0, no carrier');
    expect(told).toContain('from node');
  });

  test('shows a switch with its rule and its reason, and says it to a screen reader', async () => {
    const page = await viewer.openLive(socketPath);
    await isLive(page);
    scene.catchUp();
    scene.change(2, { hasCarrier: false });
    const item = page.locator('#switch-list li[aria-current]').first();
    expect(await item.textContent()).toContain('IPv4: eth0 → wlan0');
    expect(await item.textContent()).toContain('usable');
    expect(await item.textContent()).toContain('eth0 has lost its way out; wlan0 has one');
    expect(await page.locator('#announcer').textContent()).toContain('IPv4: eth0 to wlan0, eth0 has lost its way out');
  });

  test('runs a hold-down down by the clock of the daemon', async () => {
    const page = await viewer.openLive(socketPath);
    await isLive(page);
    scene.catchUp();
    scene.quality(2, 9, true);
    for (let times = 0; times < 8; times++) scene.probe(2);
    const timer = scene.actors().find(({ id }) => id === 'interface.2')?.timers[0];
    expect(timer?.delay).toBe('degradedToDown');
    const value = card(page, 'interface.2').locator('.timer .value');
    await value.waitFor();
    const seen: number[] = [];
    for (const _ of [1, 2, 3]) {
      const before = await value.textContent();
      const text = await page.waitForFunction((last) => {
        const now = document.querySelector('[data-actor="interface.2"] .timer .value')?.textContent ?? '';
        return now !== last && now;
      }, before);
      seen.push(Number.parseFloat(String(await text.jsonValue())));
    }
    expect(seen).toEqual(seen.toSorted((left, right) => right - left));
    const left = ((timer?.startedAt ?? 0) + (timer?.duration ?? 0) - performance.now()) / 1000;
    // Whole seconds are shown, each for so long.
    expect(Math.abs((seen.at(-1) ?? 0) - left)).toBeLessThan(1.5);
  });

  test('goes on by itself after a stream that broke, with what happened meanwhile', async () => {
    const page = await viewer.openLive(socketPath);
    await isLive(page);
    daemon.breakStreams();
    scene.catchUp();
    scene.change(4, { hasCarrier: false });
    await card(page, 'interface.4').locator('header .state', { hasText: 'down' }).waitFor();
    await isLive(page);
    scene.change(3, { hasCarrier: false });
    const state = card(page, 'interface.3').locator('header .state');
    await expect.poll(() => state.textContent()).toBe('down');
  });

  test('waits for a daemon that is started anew, says so, and shows the new one', async () => {
    const page = await viewer.openLive(socketPath);
    await isLive(page);
    await daemon.stop();
    await page.getByText('waiting for the daemon').waitFor();
    // What was known stays to be read.
    expect(await card(page, 'interface.2').count()).toBe(1);

    const other = new Scene(performance.now() - 1000);
    other.find(7, 'usb0', 30);
    play(other);
    await daemon.start();
    await card(page, 'interface.7').waitFor();
    await isLive(page);
    expect(await card(page, 'interface.2').count()).toBe(0);
  });

  test('is opened before the daemon is there', async () => {
    await daemon.stop();
    const page = await viewer.openLive(socketPath);
    await page.getByText('waiting for the daemon').waitFor();
    await page.locator('.machines').getByRole('button').first().click();
    await page.locator('.large [data-state]').first().waitFor();
    await page.keyboard.press('Escape');
    await daemon.start();
    await expect.poll(() => card(page, 'interface.2').count()).toBe(1);
  });

  test('shows the same to two who look at once, and goes on for one when the other goes', async () => {
    const server = await viewer.serve({ kind: 'live', name: 'edge-1' }, socketPath);
    const [one, other] = [await viewer.open(server.url), await viewer.open(server.url)];
    await Promise.all([isLive(one), isLive(other)]);
    expect(daemon.viewers).toBe(2);
    scene.catchUp();
    scene.change(4, { hasCarrier: false });
    for (const page of [one, other])
      await card(page, 'interface.4').locator('header .state', { hasText: 'down' }).waitFor();
    await one.close();
    scene.change(3, { hasCarrier: false });
    await card(other, 'interface.3').locator('header .state', { hasText: 'down' }).waitFor();
    await expect.poll(() => daemon.viewers).toBe(1);
  });

  test('may be held and gone back through, and follows again', async () => {
    const page = await viewer.openLive(socketPath);
    await isLive(page);
    scene.catchUp();
    scene.change(4, { hasCarrier: false });
    const state = card(page, 'interface.4').locator('header .state');
    await state.getByText('down').waitFor();
    await page.keyboard.press('Home');
    await state.getByText('up').waitFor();
    // What comes meanwhile is kept, not shown.
    scene.change(3, { hasCarrier: false });
    await page.locator('#switch-list').waitFor();
    expect(await card(page, 'interface.3').locator('header .state').textContent()).toBe('up');
    await page.getByRole('button', { name: 'Live' }).click();
    await card(page, 'interface.3').locator('header .state', { hasText: 'down' }).waitFor();
  });

  test('asks nobody but who serves it', async () => {
    const page = await viewer.openLive(socketPath);
    await isLive(page);
    const origin = new URL(page.url()).origin;
    const others = viewer.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'));
    expect(viewer.requests.length).toBeGreaterThan(1);
    expect(others).toEqual([]);
  });
});
