import { setTimeout as wait } from 'node:timers/promises';
import { families } from '../src/model/family.ts';
import type { Status } from '../src/model/status.ts';
import type { KeyHint, WatchExtra } from '../src/commands/watch/extra.ts';
import { render } from '../src/commands/watch/render.ts';
import { Screen, wantsColour } from '../src/commands/watch/screen.ts';
import { Daemon } from './daemon.ts';
import { Faults } from './faults.ts';
import { addHotspot } from './hotspot.ts';
import { createLab, type Lab } from './lab.ts';
import type { Meter, MeterReport } from './meter.ts';
import { SwitchLog } from './switch-log.ts';

const keys: readonly KeyHint[] = [
  { key: '1 2 3', label: 'uplink' },
  { key: 'c', label: 'cable' },
  { key: 'b', label: 'black hole' },
  { key: 'l', label: 'loss' },
  { key: 'f', label: 'flap' },
  { key: 'a', label: 'address' },
  { key: 'p', label: 'pin' },
  { key: 't', label: 'target' },
  { key: 'h', label: 'hotspot' },
  { key: 'k', label: 'kill' },
  { key: 'q', label: 'quit' },
];

/** How often the view looks: often enough for a hold-down to be seen running down. */
const refreshMs = 200;

/** Plays the lab in the terminal until `q` or Ctrl-C; the terminal is given back whatever happens. */
export async function playLive(): Promise<void> {
  const screen = new Screen(process.stdout);
  process.once('exit', () => screen.close());
  process.stdin.setRawMode(true);
  screen.open();
  try {
    screen.draw(frame(screen, null, { notice: 'Building three providers and an internet …' }));
    await using lab = await createLab();
    const meter = await lab.meter();
    const config = await addHotspot(lab);
    const daemon = new Daemon(lab, { config, socket: '/run/backhauld/control.sock' });
    daemon.launch();
    await watch(screen, lab, meter, daemon);
    screen.draw(frame(screen, null, { notice: 'Giving the network back …' }));
    await daemon.stop();
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    screen.close();
  }
}

function frame(screen: Screen, status: Status | null, extra: Partial<WatchExtra>): string {
  const complete: WatchExtra = {
    title: 'in a virtual node with three providers',
    now: new Date(),
    isConnected: true,
    hasColour: wantsColour(true, process.env),
    switches: [],
    keys,
    ...extra,
  };
  return render(status, complete, screen.width, screen.height);
}

async function watch(screen: Screen, lab: Lab, meter: Meter, daemon: Daemon): Promise<void> {
  const faults = new Faults(lab, daemon);
  const log = new SwitchLog();
  const seen = { status: null as Status | null, notice: '', gaps: [] as readonly number[], hasBegun: false };

  const look = async () => {
    const [fresh, report] = await Promise.all([daemon.status().catch(() => null), meter.peek()]);
    seen.status = fresh ?? seen.status;
    // What was lost before there was a daemon is not its fault.
    if (!seen.hasBegun && fresh !== null && families.some((family) => fresh.active[family] !== null)) {
      seen.hasBegun = true;
      meter.reset();
    }
    log.take(fresh, report, new Date());
    seen.gaps = [...seen.gaps, report.recentMs].slice(-500);
    const ended = daemon.isRunning ? '' : lastWords(daemon);
    screen.draw(
      frame(screen, seen.status, {
        isConnected: fresh !== null || (seen.status === null && daemon.isRunning),
        switches: log.switches,
        traffic: trafficOf(report, seen.gaps),
        selected: faults.selected,
        faults: faults.active,
        ...(seen.notice + ended === '' ? {} : { notice: seen.notice || ended }),
      }),
    );
  };

  const quit = quitKey((key) => {
    faults.press(key).then(
      (notice) => (seen.notice = notice ?? seen.notice),
      (error: unknown) => (seen.notice = error instanceof Error ? error.message : String(error)),
    );
  });
  while (!quit.aborted) {
    await look();
    await wait(refreshMs, undefined, { signal: quit }).catch(() => undefined);
  }
}

/** Hands over every key but `q` and Ctrl-C, which abort the signal that is returned. */
function quitKey(onKey: (key: string) => void): AbortSignal {
  const quit = new AbortController();
  process.stdin.on('data', (typed: Buffer) => {
    for (const key of typed.toString('utf8')) {
      if (key === 'q' || key === '\u0003') quit.abort();
      else onKey(key);
    }
  });
  return quit.signal;
}

const lastWords = (daemon: Daemon): string =>
  `The daemon has ended. ${daemon.lastLines.split('\n').find((line) => line.trim() !== '') ?? ''}`;

const trafficOf = (report: MeterReport, recentGapsMs: readonly number[]) => ({
  what: '1 datagram/ms',
  uplink: report.uplink,
  sent: report.sent,
  lost: report.lost,
  worstMs: Math.max(report.outageMs, report.silentMs),
  silentMs: report.silentMs,
  recentGapsMs,
});
