import { callControl } from '../adapters/control/client.ts';
import { followControl, listenToEvents } from '../adapters/control/events.ts';
import { BackhaulError, describe } from '../model/errors.ts';
import type { Status, Switch } from '../model/status.ts';
import type { Command, Invocation } from './command.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { KeyHint, SeenSwitch } from './watch/extra.ts';
import { render } from './watch/render.ts';
import { Screen, wantsColour } from './watch/screen.ts';

export const command: Command = {
  operands: '',
  fewestOperands: 0,
  mostOperands: 0,
  flags: {},
  about: `Shows the daemon live, in the terminal: uplinks, the choice, and every switch
with its reason. Keys: 1 to 9 pin an uplink, a lets the daemon choose again, q
quits. With --json: one line of JSON for each event, until it is interrupted.`,
  run: async (invocation) => {
    // Asked once before the screen is taken: a daemon that is not there is said like everywhere else.
    await callControl(invocation.socketPath, { method: 'GET', path: '/status' });
    if (invocation.json) return printEvents(invocation);
    if (process.stdin.isTTY && process.stdout.isTTY) return watchInTerminal(invocation);
    throw new BackhaulError({
      code: 'usage.invalid',
      message: '"watch" needs a terminal',
      remedy: 'use "watch --json" for events, or "status"',
    });
  },
};

async function printEvents({ socketPath, io }: Invocation): Promise<ExitCode> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.once('error', end);
  await listenToEvents(socketPath, (event) => io.out(`${JSON.stringify(event)}\n`), stop.signal);
  if (stop.signal.aborted) return exitCodes.ok;
  throw new BackhaulError({ code: 'control.notRunning', subject: socketPath, message: 'the daemon has ended' });
}

const keys: readonly KeyHint[] = [
  { key: '1 2 3', label: 'pin' },
  { key: 'a', label: 'auto' },
  { key: 'q', label: 'quit' },
];

/** Often enough for a hold-down to be seen running down, rarely enough to cost the node nothing that counts. */
const interval = 500;

async function watchInTerminal({ socketPath }: Invocation): Promise<ExitCode> {
  const screen = new Screen(process.stdout);
  const stop = new AbortController();
  const seen = { status: null as Status | null, isConnected: true, switches: [] as readonly SeenSwitch[], notice: '' };
  const draw = (): void => {
    const { status, isConnected, switches, notice } = seen;
    const extra = {
      title: socketPath,
      now: new Date(),
      hasColour: wantsColour(true, process.env),
      isConnected,
      switches,
      keys,
    };
    screen.draw(render(status, notice === '' ? extra : { ...extra, notice }, screen.width, screen.height));
  };
  const press = (key: string): void => {
    if (key === 'q' || key === '\u0003') return stop.abort();
    const name = key === 'a' ? null : seen.status?.interfaces[Number(key) - 1]?.name;
    if (name === undefined) return;
    void pinAndSay(name);
  };
  const pinAndSay = async (name: string | null): Promise<void> => {
    seen.notice = await pin(socketPath, name);
    draw();
  };
  const end = (): void => stop.abort();
  process.once('exit', () => screen.close());
  process.once('SIGINT', end).once('SIGTERM', end).once('SIGHUP', end);
  process.stdout.once('error', end).on('resize', draw);
  process.stdin.setRawMode(true).on('data', (typed: Buffer) => {
    for (const key of typed.toString('utf8')) press(key);
  });
  screen.open();
  try {
    await followControl(
      socketPath,
      interval,
      {
        onStatus: (status) => {
          seen.isConnected = status !== null;
          // The daemon's word: both are of one version, for they come in one package.
          seen.status = (status as Status | null) ?? seen.status;
          draw();
        },
        onEvent: ({ type, data }) => {
          const change = type === 'switch' ? switchIn(data) : null;
          if (change !== null) seen.switches = [{ at: new Date(), ...change }, ...seen.switches].slice(0, 50);
        },
      },
      stop.signal,
    );
  } finally {
    process.stdin.setRawMode(false).pause();
    screen.close();
  }
  return exitCodes.ok;
}

async function pin(socketPath: string, name: string | null): Promise<string> {
  try {
    await callControl(
      socketPath,
      name === null ? { method: 'DELETE', path: '/pin' } : { method: 'PUT', path: '/pin', body: { name } },
    );
    return name === null ? 'the daemon chooses' : `${name} is pinned`;
  } catch (error) {
    return error instanceof BackhaulError ? error.problems.map(describe).join('; ') : String(error);
  }
}

const switchIn = (data: unknown): Switch | null =>
  typeof data === 'object' && data !== null && 'switch' in data ? (data.switch as Switch) : null;
