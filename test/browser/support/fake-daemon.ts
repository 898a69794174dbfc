import { rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { ActorView, TraceItem } from '../../../src/model/trace.ts';
import { instant } from '../../../src/model/units.ts';

/** The `/inspection` of a control socket, told what to tell. */
export class FakeDaemon {
  readonly socketPath: string;
  readonly #streams = new Set<ServerResponse>();
  #server: Server | null = null;
  /** All actors as they stand. */
  actors: () => readonly ActorView[] = () => [];

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  get viewers(): number {
    return this.#streams.size;
  }

  async start(): Promise<void> {
    rmSync(this.socketPath, { force: true });
    const server = createServer((request, response) => {
      if (request.url !== '/inspection') {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      this.#streams.add(response);
      response.once('close', () => this.#streams.delete(response));
      this.#tellTo(response, this.#beginning());
    });
    this.#server = server;
    await new Promise<void>((resolve) => void server.listen(this.socketPath, resolve));
  }

  /** Breaks every stream; the daemon goes on. */
  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  tell(...items: readonly TraceItem[]): void {
    for (const item of items) for (const stream of this.#streams) this.#tellTo(stream, item);
  }

  #beginning(): TraceItem {
    return {
      type: 'actors',
      at: instant(performance.now()),
      wallTime: new Date().toISOString(),
      actors: this.actors(),
    };
  }

  #tellTo(stream: ServerResponse, item: TraceItem): void {
    stream.write(`event: trace\ndata: ${JSON.stringify(item)}\n\n`);
  }
}
