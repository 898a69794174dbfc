import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { recordingOf } from './support/recording.ts';
import { eventfulMorning } from './support/scene.ts';
import { lowContrastIn } from './support/contrast.ts';
import { Viewer } from './support/viewer.ts';

const source = recordingOf(eventfulMorning().items);
let viewer: Viewer;

beforeAll(async () => {
  viewer = await Viewer.launch();
});
afterAll(() => viewer.close());
afterEach(async () => {
  await viewer.closePages();
});

async function openRecording(options = {}): Promise<Page> {
  const { url } = await viewer.serve(source);
  const page = await viewer.open(url, options);
  await page.locator('.card').first().waitFor();
  // The middle of an eventful morning: a hold-down runs, switches have been and are to come.
  for (let times = 0; times < 4; times++) await page.keyboard.press('s');
  await page.locator('.card[data-actor="node"]').waitFor();
  return page;
}

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element === null || element === document.body
      ? ''
      : (element.getAttribute('aria-label') ?? element.textContent);
  });

describe('the page without a pointer', () => {
  test('a chart is reached by tabs and arrows, opened by enter, and left again to where one was', async () => {
    const page = await openRecording();
    for (let times = 0; times < 12 && !(await focused(page)).includes('Show it large'); times++) {
      await page.keyboard.press('Tab');
    }
    expect(await focused(page)).toMatch(/^IPv4: settled\. Show it large$/u);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toMatch(/^eth0: degraded · failing · calm/u);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'eth0', level: 2 }).waitFor();
    expect(await focused(page)).toBe('← All');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toMatch(/^eth0/u);
  });

  test('whatever has the focus is seen to have it', async () => {
    const page = await openRecording();
    const unseen: string[] = [];
    for (let times = 0; times < 40; times++) {
      await page.keyboard.press('Tab');
      const [name, isSeen] = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return ['', true] as const;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const isSeen = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
        return [`${element.tagName} ${element.id} ${element.textContent}`, isSeen] as const;
      });
      if (!isSeen) unseen.push(name);
    }
    expect(unseen).toEqual([]);
  });

  test('every key is listed by the question mark, and single keys may be switched off', async () => {
    const page = await openRecording();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.waitFor();
    for (const about of ['play or pause', 'the next switch', 'search', 'back to all charts']) {
      expect(await help.textContent()).toContain(about);
    }
    await help.getByRole('checkbox', { name: 'single keys are on' }).uncheck();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    const slider = page.getByRole('slider', { name: 'time' });
    const before = await slider.getAttribute('aria-valuenow');
    await page.keyboard.press('s');
    await page.keyboard.press('/');
    expect(await focused(page)).not.toContain('search');
    expect(await slider.getAttribute('aria-valuenow')).toBe(before);
  });

  test('the time line is a slider, and the events a list, that arrows go through', async () => {
    const page = await openRecording();
    const slider = page.getByRole('slider', { name: 'time' });
    const valueOf = async (): Promise<number> => Number(await slider.getAttribute('aria-valuenow'));
    const before = await valueOf();
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(valueOf).toBeLessThan(before);
    await page.keyboard.press('End');
    await expect.poll(valueOf).toBe(Number(await slider.getAttribute('aria-valuemax')));
    const end = await valueOf();
    await page.getByRole('listbox', { name: 'events' }).focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(valueOf).toBeLessThan(end);
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/u);
  });
});

describe('the page as a screen reader has it', () => {
  test('has landmarks, and charts in words', async () => {
    const page = await openRecording();
    const tree = await page.locator('body').ariaSnapshot();
    const lines = [
      '- banner:',
      '- searchbox "search events, details, actors and reasons"',
      '- main "charts":',
      '- complementary "what happened":',
      '- contentinfo "time line":',
      '- toolbar "go through time":',
      '- slider "time"',
      '- listbox "events"',
      'button "eth0: degraded · failing · calm. Show it large"',
      '- list "running delays":',
    ];
    expect(lines.filter((line) => !tree.includes(line))).toEqual([]);
    await page.getByRole('button', { name: /^eth0/u }).click();
    const large = await page.getByRole('main').ariaSnapshot();
    expect(large).toContain('img "chart of eth0; active: degraded · failing · calm"');
    const meaning = await page.getByRole('region', { name: 'what the chart shows' }).ariaSnapshot();
    expect(meaning).toContain('heading "Now: failing" [level=3]');
    expect(meaning).toContain('Nothing answers any more.');
    expect(meaning).toContain('list "states and what they mean"');
  });

  test('has a name for whatever can be pressed or filled in', async () => {
    const page = await openRecording();
    const tree = await page.locator('body').ariaSnapshot();
    const nameless = tree
      .split('\n')
      .filter((line) => /- (?:button|checkbox|searchbox|slider|option)(?::|$)/u.test(line.trim()));
    expect(nameless).toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('the page in a %s room', (colorScheme) => {
  test('has text that stands out from its ground by 4.5 to 1, everywhere', async () => {
    const page = await openRecording({ colorScheme });
    expect(await lowContrastIn(page)).toEqual([]);
    await page.getByRole('button', { name: /^eth0/u }).click();
    expect(await lowContrastIn(page)).toEqual([]);
    await page.keyboard.press('?');
    expect(await lowContrastIn(page)).toEqual([]);
  });
});

test('nothing moves for those who want stillness', async () => {
  const page = await openRecording({ reducedMotion: 'reduce' });
  await page.keyboard.press('.');
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  const moving = await openRecording({ reducedMotion: 'no-preference' });
  await moving.keyboard.press('.');
  await expect.poll(() => moving.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
});
