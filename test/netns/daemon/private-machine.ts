import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Service } from '../../../lab/process.ts';
import { PrivateEtc } from './private-etc.ts';
import type { Site } from './site.ts';

/** Debian packages that `scripts/unpack-dns-tools.mjs` has unpacked; none of them is ever installed. */
const packages = fileURLToPath(new URL('../../../node_modules/.cache/dns-tools/', import.meta.url));

export type DnsTool = 'openresolv' | 'resolvconf' | 'systemd-resolved';

/** systemd-resolved is spoken to by D-Bus. */
export const hasTool = (tool: DnsTool): boolean =>
  existsSync(packages + tool) && (tool !== 'systemd-resolved' || existsSync('/usr/bin/dbus-daemon'));

/** What the tools need of the machine, for themselves alone: programs, an /etc and parts of /run. */
function mounts(tool: DnsTool, etc: string): string {
  const root = packages + tool;
  const over = (part: string, where: string): string =>
    `if [ -d ${root}${part} ]; then mount -t overlay -o lowerdir=${root}${part}:${where} overlay ${where}; fi`;
  return [
    'set -e',
    ...['/lib', '/usr/lib'].map((part) => over(part, '/usr/lib')),
    ...['/sbin', '/usr/sbin'].map((part) => over(part, '/usr/sbin')),
    over('/usr/bin', '/usr/bin'),
    `cp -a ${root}/etc/. ${etc}/`,
    ...(tool === 'systemd-resolved'
      ? [
          `mkdir -p ${etc}/dbus-1 && cp -a /etc/dbus-1/. ${etc}/dbus-1/ && mkdir -p ${etc}/dbus-1/system.d`,
          `cp ${root}/usr/share/dbus-1/system.d/*.conf ${etc}/dbus-1/system.d/`,
          `echo 'systemd-resolve:x:990:990::/:/usr/sbin/nologin' >>${etc}/passwd`,
          `echo 'systemd-resolve:x:990:' >>${etc}/group`,
        ]
      : []),
    'for part in resolvconf systemd dbus; do mkdir -p /run/$part; mount -t tmpfs -o mode=755 tmpfs /run/$part; done',
    'mkdir -p /run/resolvconf/interface',
    `mount --bind ${etc} /etc`,
    'echo ready',
    'exec sleep infinity',
  ].join('\n');
}

/** A node on which such a tool is at home: its mount namespace, held open by a process of its own. */
export class PrivateMachine {
  readonly etc: PrivateEtc;
  readonly #site: Site;
  readonly #holder: Service;

  private constructor(site: Site, etc: PrivateEtc, holder: Service) {
    this.#site = site;
    this.etc = etc;
    this.#holder = holder;
  }

  static async create(site: Site, tool: DnsTool, resolvConf: string): Promise<PrivateMachine> {
    const etc = new PrivateEtc(site.lab, resolvConf);
    const own = ['--mount', '--propagation', 'private', 'sh', '-c', mounts(tool, etc.directory)];
    const holder = site.node.spawn('unshare', own);
    await holder.line((line) => line === 'ready');
    return new PrivateMachine(site, etc, holder);
  }

  /** What stands before a command that shall run there. */
  get wrapper(): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`, '--'];
  }

  async exec(...command: readonly string[]): Promise<string> {
    const [file = '', ...args] = [...this.wrapper, ...command];
    return this.#site.node.exec(file, args);
  }

  /** Carries out a line of shell there. */
  async shell(line: string): Promise<string> {
    return this.exec('sh', '-c', line);
  }

  spawn(...command: readonly string[]): Service {
    const [file = '', ...args] = [...this.wrapper, ...command];
    return this.#site.node.spawn(file, args);
  }
}
