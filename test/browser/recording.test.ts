import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pageWith } from '../../src/adapters/viewer/page.ts';
import type { ActorView } from '../../src/model/trace.ts';
import { recordingOf } from './support/recording.ts';
import { eventfulMorning } from './support/scene.ts';
import { markup, Viewer } from './support/viewer.ts';

const { items } = eventfulMorning();
const source = recordingOf(items);
const folder = mkdtempSync(join(tmpdir(), 'backhauld-recording-'));
let viewer: Viewer;

beforeAll(async () => {
  viewer = await Viewer.launch();
});
afterAll(async () => {
  await viewer.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await viewer.closePages();
});

async function openRecording(): Promise<Page> {
  const { url } = await viewer.serve(source);
  const page = await viewer.open(url);
  await page.locator('.card').first().waitFor();
  return page;
}

/** What happened at a position: the page says how many items have. */
const positionOf = async (page: Page): Promise<number> =>
  Number(await page.getByRole('slider', { name: 'time' }).getAttribute('aria-valuenow'));

/** How the actors stood when so many items had happened, by nothing but going through them from the first. */
function actorsAfter(position: number): ReadonlyMap<string, ActorView> {
  const actors = new Map<string, ActorView>();
  for (const item of items.slice(0, position)) {
    if (item.type === 'actors') for (const actor of item.actors) actors.set(actor.id, actor);
    if (item.type === 'step' || item.type === 'actor.started') actors.set(item.actor.id, item.actor);
    if (item.type === 'actor.ended') actors.delete(item.id);
  }
  return actors;
}

/** What the page shows of each actor: the states that are lit, and the facts. */
const shownIn = (page: Page) =>
  page.locator('.card').evaluateAll((cards) =>
    cards
      .map((card) => ({
        id: card.getAttribute('data-actor') ?? '',
        states: [...card.querySelectorAll('[data-state].is-active')]
          .map((state) => state.getAttribute('data-state') ?? '')
          .toSorted(),
        facts: [...card.querySelectorAll('.facts dd')].map((value) => value.textContent),
        timers: [...card.querySelectorAll('.timer .name')].map((name) => name.textContent),
      }))
      .toSorted((left, right) => (left.id < right.id ? -1 : 1)),
  );

async function expectExact(page: Page): Promise<void> {
  // What was done is drawn in the next frame.
  await page.evaluate(() => new Promise((done) => void requestAnimationFrame(() => requestAnimationFrame(done))));
  const position = await positionOf(page);
  const expected = [...actorsAfter(position).values()]
    .map(({ id, states, facts, timers }) => ({
      id,
      states: states.toSorted(),
      facts: facts.slice(0, 5).map(({ value }) => value),
      timers: timers.map(({ delay }) => delay),
    }))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  await expect.poll(() => shownIn(page)).toEqual(expected);
  expect(await positionOf(page)).toBe(position);
}

const switches = items.flatMap((item, index) =>
  item.type === 'told' && item.emission.type === 'switch' ? [{ position: index + 1, ...item.emission.switch }] : [],
);

describe('the page of a recording', () => {
  test('begins at the beginning, and shows how all stood wherever one goes', async () => {
    const page = await openRecording();
    expect(await positionOf(page)).toBe(1);
    const slider = page.getByRole('slider', { name: 'time' });
    const box = await slider.boundingBox();
    for (const share of [0.9, 0.31, 0.62, 0.3, 0.05, 0.999]) {
      await slider.click({ position: { x: (box?.width ?? 0) * share, y: 10 } });
      await expectExact(page);
    }
    for (const key of ['<', ',', 'S', '>', '.', 's', 'End', '<', 'Home']) {
      await page.keyboard.press(key);
      await expectExact(page);
    }
  });

  test('is gone through step by step, transition by transition, and back to where one was', async () => {
    const page = await openRecording();
    await page.keyboard.press('>');
    const first = items.findIndex(({ type }, index) => index >= 1 && type === 'step') + 1;
    await expect.poll(() => positionOf(page)).toBe(first);
    for (let times = 0; times < 4; times++) await page.keyboard.press('.');
    const there = await expect
      .poll(() => positionOf(page))
      .toBeGreaterThan(first)
      .then(() => positionOf(page));
    await page.keyboard.press('.');
    await page.keyboard.press(',');
    await expect.poll(() => positionOf(page)).toBe(there);
  });

  test('lists every switch with its reason, and goes to the one that is asked for', async () => {
    const page = await openRecording();
    const list = page.locator('#switch-list li');
    expect(await list.count()).toBe(switches.length);
    const pulled = switches.find(({ rule }) => rule === 'usable');
    await page.getByRole('button', { name: pulled?.because ?? '' }).click();
    await expect.poll(() => positionOf(page)).toBe(pulled?.position);
    expect(await page.locator('#switch-list [aria-current]').textContent()).toContain(pulled?.because);
    const selected = page.getByRole('option', { selected: true });
    await expect.poll(() => selected.textContent()).toContain('IPv4: eth0 → wlan0');
    expect(await selected.textContent()).toContain(pulled?.because);
    expect(await page.locator('[data-actor="interface.2"] header .state').textContent()).toBe('down');
    await expectExact(page);
  });

  test('goes from switch to switch by a key', async () => {
    const page = await openRecording();
    for (const { position } of switches) {
      await page.keyboard.press('s');
      await expect.poll(() => positionOf(page)).toBe(position);
    }
    await page.keyboard.press('S');
    await expect.poll(() => positionOf(page)).toBe(switches.at(-2)?.position);
  });

  test.each([
    ['an event', 'presence.lost eth0', 'eth0, no carrier'],
    ['a reason', 'lost its way out', 'eth0 has lost its way out'],
    ['an actor and a transition', 'wwan0 probingToUp', 'up.steady'],
  ])('finds %s, and goes from match to match', async (_, words, expected) => {
    const page = await openRecording();
    await page.getByRole('searchbox').fill(words);
    const found = page.locator('#found');
    await expect.poll(() => found.textContent()).toMatch(/^[1-9]\d*$/u);
    await page.keyboard.press('Enter');
    await expect.poll(() => found.textContent()).toMatch(/^1 of [1-9]\d*$/u);
    const texts = page.getByRole('option', { selected: true });
    await page.getByRole('checkbox', { name: 'quiet ones too' }).check();
    await expect.poll(() => texts.textContent()).toContain(expected);
  });

  test('plays as fast as it is told, with hold-downs running down between the items', async () => {
    const page = await openRecording();
    await page.keyboard.press('s');
    for (const key of ['[', '[', ' ']) await page.keyboard.press(key);
    expect(await page.locator('#speed').textContent()).toBe('1×');
    const value = page.locator('.timer .value').first();
    const before = await value.textContent();
    await expect.poll(() => value.textContent()).not.toBe(before);
    for (let times = 0; times < 5; times++) await page.keyboard.press(']');
    await expect.poll(() => positionOf(page), { timeout: 10_000 }).toBe(items.length);
    await page.getByRole('button', { name: 'play' }).waitFor();
    await expectExact(page);
  });

  test('opened from a file it shows the same, and asks nobody for anything', async () => {
    const file = join(folder, 'recording.html');
    writeFileSync(file, pageWith(markup, source));
    const page = await viewer.open(pathToFileURL(file).href);
    await page.keyboard.press('s');
    await page.locator('.card').first().waitFor();
    await page.keyboard.press('End');
    await expect.poll(() => positionOf(page)).toBe(items.length);
    await expectExact(page);
    expect(viewer.requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
  });

  test('says how much was left out of a long one, and is exact at what is there', async () => {
    const thinned = recordingOf(items, 300);
    const { url } = await viewer.serve(thinned);
    const page = await viewer.open(url);
    const omitted = thinned?.kind === 'recording' ? thinned.omitted : 0;
    expect(omitted).toBeGreaterThan(1000);
    await page.getByText(`${omitted.toLocaleString('en')} steps that changed nothing are left out`).waitFor();
    for (const { because, to } of switches) {
      await page.keyboard.press('s');
      await expect.poll(() => page.locator('#switch-list [aria-current]').textContent()).toContain(because);
      expect(await page.locator('[data-actor="selection.ipv4"] .facts dd').first().textContent()).toBe(to);
    }
  });
});
