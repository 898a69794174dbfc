import { request } from 'node:http';

import type { ControlEvent } from './api.ts';
import { callControl } from './client.ts';

/**
 * Listens to the events of the daemon behind a control socket. Resolves when the stream has ended: the daemon is gone,
 * was never there, or the signal has aborted. Never rejects.
 */
export function listenToEvents(
  socketPath: string,
  onEvent: (event: ControlEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request({ socketPath, path: '/events', agent: false, signal }, (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const blocks = `${rest}${chunk}`.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = eventOf(block);
          if (event !== null) onEvent(event);
        }
      });
      response.on('error', () => resolve());
      response.once('close', () => resolve());
    });
    outgoing.on('error', () => resolve());
    outgoing.end();
  });
}

/** One event of the stream; null for a comment, or for what is none of ours. */
function eventOf(block: string): ControlEvent | null {
  const type = /^event: (.+)$/mu.exec(block)?.[1];
  const data = /^data: (.+)$/mu.exec(block)?.[1];
  if (type === undefined || data === undefined) return null;
  try {
    return { type, data: JSON.parse(data) as unknown };
  } catch {
    return null;
  }
}

export interface Follower {
  /** With each look: what `status --json` prints, or null while no daemon answers. */
  readonly onStatus: (status: unknown) => void;
  readonly onEvent: (event: ControlEvent) => void;
}

/**
 * Follows a daemon until the signal aborts: its status each `interval` milliseconds and right after each event. A daemon
 * that goes is waited for, one that comes back is followed again.
 */
export async function followControl(
  socketPath: string,
  interval: number,
  { onStatus, onEvent }: Follower,
  signal: AbortSignal,
): Promise<void> {
  let isListening = false;
  let hasNews = false;
  let wake = (): void => {};
  const onNews = (event: ControlEvent): void => {
    hasNews = true;
    onEvent(event);
    wake();
  };
  signal.addEventListener('abort', () => wake(), { once: true });
  while (!signal.aborted) {
    hasNews = false;
    if (!isListening) {
      isListening = true;
      void listenToEvents(socketPath, onNews, signal).then(() => (isListening = false));
    }
    const status = await callControl(socketPath, { method: 'GET', path: '/status' }).catch(() => null);
    // An abort or an event may have come while the daemon was asked.
    if (isAborted(signal)) return;
    onStatus(status);
    if (hasNews) continue;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, interval);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** In a function, or the compiler would take it for false after the loop has looked. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
