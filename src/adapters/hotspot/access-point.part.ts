import type { HotspotKey, KeySource } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import type { AccessPointPart } from '../../model/hotspot-parts.ts';
import { run } from '../process/run.ts';
import type { Supervised } from '../process/supervised.ts';
import { checkKeys, hostapdFiles, pskFile, saePassword, usesPsk, usesSae, type KnownClient } from './hostapd.config.ts';
import { frequencyOf, parseHostapdLine, parseHostapdVersion } from './hostapd.lines.ts';
import { patience, type PartMaker } from './part-maker.ts';
import type { RuntimeFiles } from './runtime-files.ts';
import { lastWords, missing, startService, stopService } from './service.ts';

/** Until the beacon must be on air, in milliseconds: the country, and a look at what else is on the channel, take time. */
const startTimeout = 15_000;
/** Older ones cannot read `wpa_psk_file` anew, nor hash to an element. */
const leastVersion = [2, 10] as const;
/** Beacons that announce another channel before it is taken. */
const switchBeacons = 5;

export interface AccessPointOptions {
  readonly files: RuntimeFiles;
  readonly keys: KeySource;
  readonly ended: (problem: Problem) => void;
  readonly clients: (count: number) => void;
  readonly noted: (problem: Problem) => void;
}

/** hostapd. */
export function createAccessPoint({
  files,
  keys: source,
  ended,
  clients,
  noted,
}: AccessPointOptions): PartMaker<'accessPoint'> {
  let service: Supervised | null = null;
  /** How it was really started: by WPA2 alone where WPA3 cannot be had. */
  let standing: AccessPointPart | null = null;
  const connected = new Set<string>();
  /** The key that each client came with last, by its address. */
  const keyOf = new Map<string, number>();

  const control = files.pathOf('hostapd');
  const places = { control, pskFile: files.pathOf('hostapd.psk') };

  const keysOf = ({ key, previousKey, security }: AccessPointPart): readonly HotspotKey[] =>
    security === 'open' ? [] : source.keysFor(previousKey === null ? [key] : [key, previousKey]);

  /** Those that came with the key before, and may come back with it. */
  function knownClients(part: AccessPointPart, keys: readonly HotspotKey[]): readonly KnownClient[] {
    const previous = keys.find(({ number }) => number === part.previousKey)?.passphrase;
    if (previous === undefined || !usesSae(part)) return [];
    return [...keyOf].flatMap(([macAddress, number]) =>
      number === part.previousKey ? [{ macAddress, passphrase: previous }] : [],
    );
  }

  function hear(line: string): void {
    const event = parseHostapdLine(line);
    if (event?.type === 'connected') {
      connected.add(event.macAddress);
      const known = keyOf.get(event.macAddress);
      const isKnown = known !== undefined && known === standing?.previousKey;
      const number = event.keyNumber ?? (isKnown ? known : standing?.key);
      if (number !== undefined) keyOf.set(event.macAddress, number);
    } else if (event?.type === 'disconnected') {
      connected.delete(event.macAddress);
    } else {
      return;
    }
    clients(connected.size);
  }

  async function launch(part: AccessPointPart, signal: AbortSignal): Promise<Problem | null> {
    const keys = keysOf(part);
    const bad = checkKeys(part, keys);
    if (bad !== null) return bad;
    const made = hostapdFiles(part, keys, places, knownClients(part, keys));
    const unwritten =
      files.write('hostapd.conf', made.config) ??
      (made.pskFile === null ? null : files.write('hostapd.psk', made.pskFile));
    if (unwritten !== null) return unwritten;
    connected.clear();
    standing = part;
    const secrets = keys.map(({ passphrase }) => passphrase);
    const started = await startService({
      program: 'hostapd',
      args: [files.pathOf('hostapd.conf')],
      capabilities: ['net_admin', 'net_raw'],
      isReady: (line) => parseHostapdLine(line)?.type === 'enabled',
      isHopeless: (line) => parseHostapdLine(line)?.type === 'disabled',
      onLine: hear,
      onEnd(problem) {
        service = null;
        connected.clear();
        ended(problem);
      },
      explain: (exit) => failed(`hostapd on ${part.interface} ${lastWords(exit, secrets)}`),
      timeout: startTimeout,
      signal,
    });
    if ('code' in started) return started;
    service = started;
    return null;
  }

  /** By its standard input: its arguments show in the process list, and there are keys among these. */
  async function command(part: AccessPointPart, lines: readonly string[]): Promise<Problem | null> {
    const input = `${[...lines, 'quit'].join('\n')}\n`;
    const result = await run('hostapd_cli', ['-p', control, '-i', part.interface], { timeout: patience, input });
    const answers: readonly string[] = result.stdout.match(/\b(?:OK|FAIL)\b/gu) ?? [];
    if (result.ok && answers.length === lines.length && !answers.includes('FAIL')) return null;
    return failed(result.ok ? 'hostapd refuses to be changed' : result.message);
  }

  /** That takes an argument that is empty, which cannot be said by the standard input. */
  async function forgetPasswords({ interface: name }: AccessPointPart): Promise<Problem | null> {
    const words = ['-p', control, '-i', name, 'set', 'sae_password', ''];
    const result = await run('hostapd_cli', words, { timeout: patience });
    return result.ok && /^OK$/mu.test(result.stdout) ? null : failed('hostapd refuses to be changed');
  }

  async function changeKeys(from: AccessPointPart, to: AccessPointPart): Promise<Problem | null> {
    const keys = keysOf(to);
    const bad = checkKeys(to, keys);
    if (bad !== null) return bad;
    const unwritten = usesPsk(to) ? files.write('hostapd.psk', pskFile(keys)) : null;
    if (unwritten !== null) return unwritten;
    standing = to;
    const problem = usesSae(to) ? await forgetPasswords(from) : null;
    if (problem !== null) return problem;
    const newest = keys[0]?.passphrase ?? '';
    const sae = usesSae(to)
      ? [
          `set wpa_passphrase ${newest}`,
          // What is hashed to an element is hashed anew when one of these is set, and not for the line above.
          `set sae_password ${newest}`,
          ...knownClients(to, keys).map((client) => `set sae_password ${saePassword(client)}`),
        ]
      : [];
    // Whoever has an old key cached comes back by it, unless that is forgotten at last. Forgotten before the other, it
    // would throw out everyone who is on by WPA3.
    const last = to.previousKey === null ? ['raw PMKSA_FLUSH'] : [];
    return command(from, [...sae, 'raw RELOAD_WPA_PSK', ...last]);
  }

  return {
    async check() {
      const result = await run('hostapd', ['-v'], { timeout: patience });
      if (!result.ok && result.code === 'tool.missing') return missing('hostapd');
      const version = parseHostapdVersion(result.stdout + result.stderr);
      if (version === null || isOlder(version)) return tooOld(version);
      return null;
    },
    async start(part, signal) {
      const problem = await launch(part, signal);
      const canFallBack = part.security === 'wpa2Wpa3Mixed' && problem?.code === 'hotspot.serviceFailed';
      if (problem === null || !canFallBack || signal.aborted) return problem;
      // Some radios cannot be an access point with SAE. Better reachable by WPA2 than not at all.
      const second = await launch({ ...part, security: 'wpa2Psk' }, signal);
      if (second !== null) return problem;
      noted(withoutSae(part, problem));
      return null;
    },
    async change(from, to) {
      const actual = { ...to, security: standing?.security ?? to.security };
      if (from.channel !== to.channel) {
        const flags = to.channel <= 14 ? ' ht' : '';
        const problem = await command(to, [`chan_switch ${switchBeacons} ${frequencyOf(to.channel)}${flags}`]);
        if (problem !== null) return problem;
        standing = actual;
      }
      const isSameKeys = from.key === to.key && from.previousKey === to.previousKey;
      return isSameKeys || to.security === 'open' ? null : changeKeys(from, actual);
    },
    async stop() {
      const running = service;
      service = null;
      await stopService(running);
      connected.clear();
      keyOf.clear();
      standing = null;
      files.remove('hostapd.conf', 'hostapd.psk', 'hostapd');
      return null;
    },
  };
}

const isOlder = ([major, minor]: readonly [number, number]): boolean =>
  major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1]);

const failed = (message: string): Problem => ({ code: 'hotspot.serviceFailed', subject: 'hostapd', message });

const tooOld = (version: readonly [number, number] | null): Problem => ({
  code: 'hotspot.toolTooOld',
  subject: 'hostapd',
  message: version === null ? 'it does not say which version it is' : `it is version ${version.join('.')}`,
  remedy: `version ${leastVersion.join('.')} or newer is needed`,
});

const withoutSae = ({ interface: name }: AccessPointPart, { message }: Problem): Problem => ({
  code: 'hotspot.noAccessPointMode',
  subject: `WPA3 on ${name}`,
  message: `clients join by WPA2 only: with WPA3 it could not be started (${message})`,
  remedy: 'set security.mode = "wpa2Psk" if this radio cannot do better',
});
