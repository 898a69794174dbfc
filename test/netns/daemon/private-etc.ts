import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../../lab/lab.ts';

/** A command that is given its /etc (or another place) first, and a directory of one's own stands there for it alone. */
const mounting = (source: string, place: string): readonly string[] => [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  `mount --bind ${source} ${place} && exec "$@"`,
  'sh',
];

/** An /etc that only those see who are started with it: its resolv.conf may be replaced, and nobody else's is. */
export class PrivateEtc {
  readonly directory: string;
  readonly #isFileOnly: boolean;

  /** `isFileOnly`: only resolv.conf itself is mounted, as containers have it. */
  constructor({ directory }: Pick<Lab, 'directory'>, resolvConf: string, isFileOnly = false) {
    this.directory = join(directory, 'etc');
    this.#isFileOnly = isFileOnly;
    mkdirSync(this.directory, { recursive: true });
    for (const file of ['passwd', 'group', 'hosts', 'host.conf'])
      copyFileSync(`/etc/${file}`, join(this.directory, file));
    writeFileSync(join(this.directory, 'nsswitch.conf'), 'hosts: files dns\n');
    writeFileSync(this.file, resolvConf);
  }

  get file(): string {
    return join(this.directory, 'resolv.conf');
  }

  /** What stands before a command that shall see it. */
  get wrapper(): readonly string[] {
    return this.#isFileOnly ? mounting(this.file, '/etc/resolv.conf') : mounting(this.directory, '/etc');
  }

  read(): string {
    return readFileSync(this.file, 'latin1');
  }
}
