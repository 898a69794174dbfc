import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { streamInspection } from '../../../src/adapters/viewer/live.ts';
import { pageWith, type PageSource } from '../../../src/adapters/viewer/page.ts';
import { openViewerServer, type ViewerServer } from '../../../src/adapters/viewer/server.ts';
import { buildPage } from '../../../visualizations/viewer/build.ts';
import { picturedMachines } from '../../../visualizations/viewer/machines.ts';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const markup = await buildPage(await picturedMachines());

/** A real browser and what serves it. What the page complains of or loads from elsewhere is kept. */
export class Viewer {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];
  readonly #browser: Browser;
  readonly #servers: ViewerServer[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<Viewer> {
    const executablePath = browsers.find((file) => existsSync(file)) ?? 'chromium';
    // The sandbox of the browser needs a user other than root; what it loads here is our own.
    return new Viewer(await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] }));
  }

  async close(): Promise<void> {
    await this.closePages();
    await this.#browser.close();
  }

  /**
   * Closes what was opened, and forgets it.
   *
   * @throws Error when a page has complained: of itself, or that its policy was broken.
   */
  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
    for (const server of this.#servers.splice(0)) await server.close();
    this.requests.length = 0;
    const complaints = this.complaints.splice(0);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  }

  /** Serves a page, live from a control socket where one is named. */
  async serve(source: PageSource, socketPath: string | null = null): Promise<ViewerServer> {
    const stream = socketPath === null ? null : streamInspection.bind(null, socketPath);
    const server = await openViewerServer({ markup: pageWith(markup, source), stream }, 0);
    this.#servers.push(server);
    return server;
  }

  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('request', (request) => this.requests.push(request.url()));
    await page.goto(url);
    return page;
  }

  /** A live page on a daemon. */
  async openLive(socketPath: string, options: BrowserContextOptions = {}): Promise<Page> {
    const server = await this.serve({ kind: 'live', name: 'edge-1' }, socketPath);
    return this.open(server.url, options);
  }
}
