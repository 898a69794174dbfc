import { request } from 'node:http';
import type { ServerResponse } from 'node:http';

/** A daemon that does not answer is asked again after this many milliseconds. */
const askAgain = 500;
/** Tells a browser to come back so soon when the page's own server is gone. */
const comeBack = 1000;

/**
 * Sends the daemon's inspection stream on to a browser, as server-sent events, until that goes. A daemon that is not
 * there is waited for, and said so (`waiting`): the browser's stream outlives the daemon's.
 */
export function streamInspection(socketPath: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`retry: ${comeBack}\n\n`);
  let end = (): void => {};
  const ask = (): void => {
    const outgoing = request({ socketPath, path: '/inspection', agent: false }, (incoming) => {
      if (incoming.statusCode !== 200) {
        incoming.destroy();
        return;
      }
      let rest = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        // Whole events only: one that is cut off by the daemon's end must not run into the next.
        const whole = rest + chunk;
        const last = whole.lastIndexOf('\n\n');
        rest = last < 0 ? whole : whole.slice(last + 2);
        if (last < 0 || response.write(whole.slice(0, last + 2))) return;
        // A browser that does not read must not grow this process: the daemon lets go of who is too slow.
        incoming.pause();
        response.once('drain', () => incoming.resume());
      });
      incoming.on('error', () => {});
    });
    outgoing.on('error', () => {});
    outgoing.once('close', () => {
      if (response.destroyed) return;
      response.write('event: waiting\ndata: null\n\n');
      const timer = setTimeout(ask, askAgain);
      end = () => clearTimeout(timer);
    });
    end = () => outgoing.destroy();
    outgoing.end();
  };
  response.once('close', () => end());
  ask();
}
