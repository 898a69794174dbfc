import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../guest/machine.ts';

const program = '/usr/local/bin/mmcli';
const path = '/org/freedesktop/ModemManager1/Modem/0';

/** Stands in for ModemManager's mmcli, since an emulated stick has no radio to ask: it says what it is told to say. */
export class ToldModem {
  readonly #link: string;
  readonly #list = join(workFolder, 'modem-list.json');
  readonly #modem = join(workFolder, 'modem.json');

  constructor(link: string) {
    this.#link = link;
    writeFileSync(this.#list, JSON.stringify({ 'modem-list': [path] }));
    this.tell(67);
    const script = `#!/bin/sh\ncase $2 in\n  --list-modems) cat ${this.#list} ;;\n  --modem=${path}) cat ${this.#modem} ;;\n  *) exit 1 ;;\nesac\n`;
    writeFileSync(program, script);
    chmodSync(program, 0o755);
  }

  tell(signalPercent: number): void {
    const generic = {
      state: 'connected',
      'access-technologies': ['lte'],
      'signal-quality': { recent: 'yes', value: String(signalPercent) },
      ports: ['cdc-wdm0 (qmi)', `${this.#link} (net)`],
    };
    writeFileSync(this.#modem, JSON.stringify({ modem: { generic } }));
  }
}
