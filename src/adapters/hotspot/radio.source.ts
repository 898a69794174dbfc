import type { RadioSource } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import type { RadioFacts } from '../../model/hotspot.ts';
import type { KernelState, Link } from '../../model/kernel.ts';
import { run } from '../process/run.ts';
import { startSupervised, type Supervised } from '../process/supervised.ts';
import { channelHeard, parseInterface, parseMove, parsePhy, type Phy, type WirelessInterface } from './iw.codec.ts';
import { patience } from './part-maker.ts';
import { missing } from './service.ts';

/** Events come in swarms; what they leave behind is read once. */
const calm = 100;
/** From the end of `iw event` to its next start. */
const restartAfter = 5000;
/** Where `iw` did not answer, in milliseconds; each time in a row twice as long, up to a minute. */
const askAgainAfter = 1000;
const askAgainAtMost = 60_000;
/** What `iw` says of a link that is no radio, and where the kernel knows of none. All else says nothing of the radio. */
const noRadio = /No such device|nl80211 not found/u;
/** An announced move is over by then, or was another one. */
const movesWithin = 10_000;

export interface RadioWatchOptions {
  readonly name: string;
  readonly state: () => Pick<KernelState, 'links'>;
  /** What is known of the radio has changed; null: there is none. */
  readonly onChange: (radio: RadioFacts | null) => void;
  readonly onProblem: (problem: Problem) => void;
  readonly onSolved: (problem: Problem) => void;
}

/** The radio, and what becomes of it. */
export interface RadioWatch extends RadioSource {
  /** Tells what there is, and from then on what changes. */
  begin(): void;
  /** Reads again, soon: something has happened to the link. */
  look(): void;
  close(): Promise<void>;
}

const linkNamed = (state: Pick<KernelState, 'links'>, name: string): Link | undefined =>
  [...state.links.values()].find((link) => link.name === name);

/** A bridge stands in for a radio: whoever is a port of it is a client. */
const bridgeFacts = ({ index, name }: Link): RadioFacts => ({
  index,
  interface: name,
  phy: null,
  supportsAccessPoint: true,
  supportsBoth: false,
  stationChannel: null,
});

/** Nobody could say: it is asked again. */
const unknown = Symbol('unknown');

/** Reads what the radio is and can do, by `iw`; and follows its events as long as it is a radio. */
export function watchRadio({ name, state, onChange, onProblem, onSolved }: RadioWatchOptions): RadioWatch {
  let latest: RadioFacts | null | undefined;
  let told: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = 0;
  let events: Supervised | null = null;
  let isClosed = false;
  let unanswered = 0;
  /** What a radio can do stays what it is for as long as it is there. */
  let abilities: { readonly of: string; readonly phy: Pick<Phy, 'supportsAccessPoint' | 'supportsBoth'> } | null = null;
  /** The network that it is, or was last, a station of. */
  let network: string | null = null;
  /** Where that network is going, as it has announced; null: nowhere. */
  let move: { readonly to: number; readonly until: number } | null = null;

  async function abilitiesOf(phy: string, index: number): Promise<typeof abilities> {
    const of = `${index} ${phy}`;
    if (abilities?.of === of) return abilities;
    const info = await run('iw', ['phy', phy, 'info'], { timeout: patience });
    abilities = info.ok ? { of, phy: parsePhy(info.stdout) } : null;
    return abilities;
  }

  /**
   * The station's channel. An access point beside it on its only channel has the kernel end the connection when its
   * network moves: then what it hears of that network tells where it went.
   */
  async function stationChannel({ type, channel, ssid }: WirelessInterface, isBoth: boolean): Promise<number | null> {
    if (type !== 'managed') return null;
    network = ssid ?? network;
    if (!isBoth) return channel;
    if (move !== null && performance.now() < move.until) return move.to;
    if (channel !== null || network === null) return channel;
    const heard = await run('iw', ['dev', name, 'scan', 'dump'], { timeout: patience });
    return heard.ok ? channelHeard(heard.stdout, network) : null;
  }

  async function read(): Promise<RadioFacts | null | typeof unknown> {
    const link = linkNamed(state(), name);
    if (link === undefined) return null;
    if (link.kind === 'bridge') return bridgeFacts(link);
    const shown = await run('iw', ['dev', name, 'info'], { timeout: patience });
    if (!shown.ok) {
      if (shown.code === 'tool.missing') onProblem(missing('iw'));
      return shown.code === 'tool.missing' || noRadio.test(shown.stderr) ? null : unknown;
    }
    onSolved(missing('iw'));
    const found = parseInterface(shown.stdout);
    if (found === null) return unknown;
    const can = await abilitiesOf(found.phy, link.index);
    if (can === null) return unknown;
    const { supportsAccessPoint, supportsBoth } = can.phy;
    return {
      index: link.index,
      interface: name,
      phy: found.phy,
      supportsAccessPoint,
      supportsBoth,
      stationChannel: await stationChannel(found, supportsBoth),
    };
  }

  function tell(radio: RadioFacts | null): void {
    latest = radio;
    if (radio !== null && radio.phy !== null) listen();
    const text = JSON.stringify(radio);
    if (text === told) return;
    told = text;
    onChange(radio);
  }

  async function compare(): Promise<void> {
    const radio = await read();
    if (isClosed) return;
    if (radio === unknown) {
      look(Math.min(askAgainAfter * 2 ** unanswered, askAgainAtMost));
      unanswered += 1;
      return;
    }
    unanswered = 0;
    tell(radio);
  }

  function look(wait = calm): void {
    const due = performance.now() + wait;
    if (isClosed || (timer !== undefined && due >= dueAt)) return;
    clearTimeout(timer);
    dueAt = due;
    timer = setTimeout(() => {
      timer = undefined;
      void compare();
    }, wait);
  }

  function hear(line: string): void {
    const found = parseMove(line, name);
    if (found !== null) move = found.to === null ? null : { to: found.to, until: performance.now() + movesWithin };
    // Whoever follows has no time to lose: the station leaves with the next few beacons.
    if (move !== null && found !== null && latest?.supportsBoth === true) tell({ ...latest, stationChannel: move.to });
    // Another radio's scan is nothing; whatever this one's is about, it is read anew.
    if (line.includes(name)) look();
  }

  function listen(): void {
    if (events !== null || isClosed) return;
    events = startSupervised('iw', ['event'], {
      onLine: hear,
      onExit: () => {
        if (isClosed) return;
        setTimeout(() => {
          events = null;
          look();
        }, restartAfter).unref();
      },
    });
  }

  return {
    async read() {
      if (latest !== undefined) return latest;
      const radio = await read();
      return radio === unknown ? null : radio;
    },
    begin: () => void compare(),
    look,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await events?.stop();
    },
  };
}
