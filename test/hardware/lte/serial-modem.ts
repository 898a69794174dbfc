import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Service } from '../../../lab/process.ts';
import type { Provider } from '../guest/internet.ts';
import { options, workFolder } from '../guest/machine.ts';
import { until } from '../guest/suite.ts';

const chat = `TIMEOUT 10
ABORT "NO CARRIER"
'' AT
OK-AT-OK AT+CSQ
OK AT+CGDCONT=1,"IP","internet"
OK ATD*99#
CONNECT ''
`;

/** A modem on a serial line, dialled by chat and pppd; beyond it is the provider. */
export class SerialModem {
  readonly #line: Service;
  readonly #modem: Service;
  readonly #folder: string;
  #pppd: Service | undefined;

  private constructor(line: Service, modem: Service, folder: string) {
    this.#line = line;
    this.#modem = modem;
    this.#folder = folder;
  }

  /** Plugs it in. `addresses`: the provider's, the node's. */
  static async plug(provider: Provider, addresses: readonly [theirs: string, ours: string]): Promise<SerialModem> {
    const folder = workFolder;
    const end = (name: string): string => `PTY,link=${join(folder, name)},raw,echo=0`;
    const line = new Service('socat', [end('modem'), end('provider')]);
    await until(
      () => ['modem', 'provider'].every((name) => existsSync(join(folder, name))),
      'the serial line is there',
    );
    const script = join(options.project, 'test/hardware/lte/at-modem.sh');
    const modem = provider.namespace.spawn('bash', [script, join(folder, 'provider'), addresses.join(':')], {
      onLine: (text) => console.log(`provider: ${text}`),
    });
    return new SerialModem(line, modem, folder);
  }

  /** Resolves when pppd has its address. */
  async dial(): Promise<void> {
    const script = join(this.#folder, 'dial.chat');
    writeFileSync(script, chat);
    const echoes = ['lcp-echo-interval', '5', 'lcp-echo-failure', '12'];
    const connect = ['connect', `chat -s -f ${script}`];
    const plain = ['nodetach', 'noauth', 'local', 'nocrtscts', 'nodefaultroute'];
    this.#pppd = new Service('pppd', [join(this.#folder, 'modem'), '115200', ...plain, ...echoes, ...connect], {
      onLine: (text) => console.log(`pppd: ${text}`),
    });
    await this.#pppd.line((text) => text.startsWith('local  IP address'), 30_000);
  }

  /** Nothing passes any more, and nobody is told: a hole in the net. */
  silence(): void {
    this.#line.signal('SIGSTOP');
  }

  recover(): void {
    this.#line.signal('SIGCONT');
  }

  /** The provider ends the call: its link goes. */
  async hangUp(): Promise<void> {
    await this.#modem.end();
    await this.#pppd?.ended;
  }

  async unplug(): Promise<void> {
    await this.#line.end();
    await this.#modem.end();
    await this.#pppd?.end();
  }
}
