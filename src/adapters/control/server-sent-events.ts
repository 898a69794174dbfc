/** Streams of the control API as server-sent events (WHATWG HTML, section 9.2). */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { TraceItem } from '../../model/trace.ts';
import type { ControlApi } from './api.ts';

/** What may wait for a reader of events that does not read, in bytes. */
const maxBacklog = 1024 * 1024;
/** What may wait for a slow viewer before items are dropped, in bytes. */
const maxViewerBacklog = 256 * 1024;
/** What may come up for a viewer within one turn of the event loop, in items. */
const maxBurst = 1000;
/** How often a quiet viewer is shown that the daemon is there, in milliseconds. */
const heartbeat = 15_000;

function begin(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.socket.setTimeout(0);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': backhauld\n\n');
}

/** One for each event of the manager. */
export function streamEvents(api: ControlApi, request: IncomingMessage, response: ServerResponse): void {
  begin(request, response);
  const unsubscribe = api.subscribe(({ type, data }) => {
    if (response.destroyed) return;
    // A reader that does not read must not grow the daemon: it is let go.
    if (response.writableLength > maxBacklog) response.destroy();
    else response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  request.socket.once('close', unsubscribe);
}

/**
 * One for each item of the trace. Every stream begins with all actors, so one that broke is resumed by asking again.
 *
 * A viewer that is too slow leaves the audience until it has read what waits for it: what happens meanwhile is dropped,
 * and it is shown all actors when it joins anew.
 */
export function streamInspection(api: ControlApi, request: IncomingMessage, response: ServerResponse): void {
  begin(request, response);
  let lastId = 0;
  let waiting: TraceItem[] = [];
  let leave: (() => void) | null = null;
  let isGone = false;

  // Writing is left to a later turn: within this one the machines are at work.
  const onItem = (item: TraceItem): void => {
    if (waiting.length === 0) setImmediate(write);
    waiting.push(item);
    if (waiting.length > maxBurst) pause();
  };
  const join = (): void => {
    if (!isGone) leave = api.inspect(onItem);
  };
  const pause = (): void => {
    leave?.();
    leave = null;
  };
  const write = (): void => {
    const items = waiting;
    waiting = [];
    if (isGone) return;
    response.write(items.map((item) => `id: ${++lastId}\nevent: trace\ndata: ${JSON.stringify(item)}\n\n`).join(''));
    if (response.writableLength > maxViewerBacklog) {
      pause();
      response.once('drain', join);
    } else if (leave === null) {
      join();
    }
  };
  const beat = setInterval(() => {
    if (response.writableLength === 0) response.write(': still here\n\n');
  }, heartbeat);
  request.socket.once('close', () => {
    isGone = true;
    clearInterval(beat);
    pause();
  });
  join();
}
