import type { RadioSource } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import type { RadioFacts } from '../../model/hotspot.ts';
import type { KernelState, Link } from '../../model/kernel.ts';
import { run } from '../process/run.ts';
import { startSupervised, type Supervised } from '../process/supervised.ts';
import { parseInterface, parsePhy } from './iw.codec.ts';
import { patience } from './part-maker.ts';
import { missing } from './service.ts';

/** Events come in swarms; what they leave behind is read once. */
const calm = 100;
/** From the end of `iw event` to its next start. */
const restartAfter = 5000;

export interface RadioWatchOptions {
  readonly name: string;
  readonly state: () => KernelState;
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

const linkNamed = (state: KernelState, name: string): Link | undefined =>
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

/** Reads what the radio is and can do, by `iw`; and follows its events as long as it is a radio. */
export function watchRadio({ name, state, onChange, onProblem, onSolved }: RadioWatchOptions): RadioWatch {
  let told: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let events: Supervised | null = null;
  let isClosed = false;

  async function read(): Promise<RadioFacts | null> {
    const link = linkNamed(state(), name);
    if (link === undefined) return null;
    if (link.kind === 'bridge') return bridgeFacts(link);
    const shown = await run('iw', ['dev', name, 'info'], { timeout: patience });
    if (!shown.ok) {
      if (shown.code === 'tool.missing') onProblem(missing('iw'));
      return null;
    }
    onSolved(missing('iw'));
    const found = parseInterface(shown.stdout);
    if (found === null) return null;
    const info = await run('iw', ['phy', found.phy, 'info'], { timeout: patience });
    const phy = parsePhy(info.stdout);
    return {
      index: link.index,
      interface: name,
      phy: found.phy,
      supportsAccessPoint: phy.supportsAccessPoint,
      supportsBoth: phy.supportsBoth,
      stationChannel: found.type === 'managed' ? found.channel : null,
    };
  }

  async function compare(): Promise<void> {
    const radio = await read();
    if (isClosed) return;
    const text = JSON.stringify(radio);
    if (radio !== null && radio.phy !== null) listen();
    if (text === told) return;
    told = text;
    onChange(radio);
  }

  function look(): void {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void compare();
    }, calm);
  }

  function listen(): void {
    if (events !== null || isClosed) return;
    events = startSupervised('iw', ['event'], {
      // Another radio's scan is nothing; whatever this one's is about, it is read anew.
      onLine: (line) => {
        if (line.includes(name)) look();
      },
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
    read,
    begin: () => void compare(),
    look,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await events?.stop();
    },
  };
}
