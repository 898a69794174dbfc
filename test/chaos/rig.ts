import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon, sourceCommand } from '../../lab/daemon.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Namespace } from '../../lab/namespace.ts';
import { CommandFailed } from '../../lab/process.ts';
import { families, type Family } from '../../src/model/family.ts';
import { Cables, cidrOf } from './cables.ts';
import type { Absence } from './course.ts';
import type { Fault, OursRemoved } from './fault.ts';
import { foreignObjects } from './foreign.ts';
import { configOf, type Variant } from './variant.ts';
import { uplinkOf, type World } from './world.ts';

const flag = (family: Family): string => (family === 'ipv4' ? '-4' : '-6');
const wait = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How a daemon comes and goes, as others must know it. */
export interface Watcher {
  away(why: Absence): void;
  back(): void;
  /** After each end: what it left is looked at before it is started again. */
  ended(politely: boolean): Promise<void>;
}

/** Carries out the faults: on the node, on its routers, on the daemon. */
export class Rig {
  readonly lab: Lab;
  readonly daemon: Daemon;
  readonly home: string;
  readonly #watcher: Watcher;
  readonly #nftMode: string;
  readonly #clockFile: string;
  #clockOffset = 0;
  readonly #cables: Cables;
  /** The daemon's absence that is not over yet. */
  #absence: Promise<void> = Promise.resolve();

  constructor(lab: Lab, variant: Variant, watcher: Watcher) {
    this.lab = lab;
    this.#watcher = watcher;
    this.#cables = new Cables(lab, variant.isNicLike);
    this.home = join(lab.directory, 'daemon');
    const bin = join(lab.directory, 'bin');
    const temporary = join(lab.directory, 'tmp');
    for (const directory of [this.home, bin, temporary]) mkdirSync(directory, { mode: 0o700 });
    this.#nftMode = join(lab.directory, 'nft.mode');
    this.#clockFile = join(lab.directory, 'clock');
    writeFileSync(this.#clockFile, '0');
    writeFileSync(this.#nftMode, 'works');
    const stub = join(bin, 'nft');
    writeFileSync(
      stub,
      `#!/bin/sh
case "$(cat ${this.#nftMode})" in
  fails) echo "Error: Could not process rule: Resource busy" >&2; exit 1 ;;
  hangs) exec sleep 60 ;;
esac
exec /usr/sbin/nft "$@"
`,
    );
    chmodSync(stub, 0o755);
    const config = join(this.home, 'config.toml');
    writeFileSync(config, configOf(variant));
    const [node = '', ...cli] = sourceCommand();
    const clock = fileURLToPath(new URL('wall-clock.ts', import.meta.url));
    const environment = [
      `PATH=${bin}:${process.env['PATH'] ?? ''}`,
      `TMPDIR=${temporary}`,
      `BACKHAULD_TEST_CLOCK=${this.#clockFile}`,
    ];
    const inMountsOfItsOwn = variant.hasNft
      ? []
      : ['sh', '-c', `rm -f ${stub}; mount -t tmpfs tmpfs /usr/sbin && exec "$@"`, 'sh'];
    this.daemon = new Daemon(
      { directory: this.home, node: lab.node },
      { config, command: [...inMountsOfItsOwn, 'env', ...environment, node, '--import', clock, ...cli] },
    );
  }

  get cables(): Cables {
    return this.#cables;
  }

  get node(): Namespace {
    return this.lab.node;
  }

  get temporaryFiles(): string {
    return join(this.lab.directory, 'tmp');
  }

  /** Resolves when it has happened; the absence of the daemon may last on, until `settled`. */
  async perform(fault: Fault, before: World, after: World): Promise<void> {
    switch (fault.kind) {
      case 'carrier.lost':
        return this.#cables.router(fault.slot).ip('link set lan down');
      case 'carrier.back':
        return this.#cables.router(fault.slot).ip('link set lan up');
      case 'flap':
        for (let time = 0; time < fault.times; time += 1) {
          await this.#cables.router(fault.slot).ip('link set lan down');
          await wait(fault.everyMs);
          await this.#cables.router(fault.slot).ip('link set lan up');
          await wait(fault.everyMs);
        }
        return undefined;
      case 'admin.down':
        return this.node.ip(`link set ${uplinkOf(before, fault.slot).name} down`);
      case 'admin.up':
        await this.node.ip(`link set ${uplinkOf(before, fault.slot).name} up`);
        return this.#cables.configure(uplinkOf(after, fault.slot));
      case 'hole':
      case 'hole.closed':
      case 'loss':
      case 'loss.over':
        return this.#cables.forward(uplinkOf(after, fault.slot));
      case 'flush':
        for (const family of fault.families) {
          const words = ['address', 'flush', 'dev', uplinkOf(before, fault.slot).name, 'scope', 'global'];
          await this.node.exec('ip', [flag(family), ...words]);
        }
        return undefined;
      case 'gateway.moved':
      case 'renumbered':
        await this.#cables
          .router(fault.slot)
          .ip(
            `address delete ${cidrOf(uplinkOf(before, fault.slot).router)} dev lan`,
            `address add ${cidrOf(uplinkOf(after, fault.slot).router)} dev lan`,
          );
        return this.#cables.forward(uplinkOf(after, fault.slot));
      case 'repair':
        return this.#cables.configure(uplinkOf(after, fault.slot));
      case 'renamed':
        return this.#cables.rename(uplinkOf(before, fault.slot), uplinkOf(after, fault.slot), fault.isLive);
      case 'removed':
        return this.node.ip(`link delete ${uplinkOf(before, fault.slot).name}`);
      case 'created':
        return this.#cables.create(uplinkOf(after, fault.slot));
      case 'foreign.added':
        return this.#command(foreignObjects[fault.key]?.add ?? '');
      case 'foreign.removed':
        return this.#command(foreignObjects[fault.key]?.remove ?? '');
      case 'ours.removed':
        return this.#removeOurs(fault.what, fault.family);
      case 'nft.flushed':
        return this.#command('nft flush ruleset');
      case 'nft.tool':
        writeFileSync(this.#nftMode, fault.does);
        return undefined;
      case 'killed':
        await this.#absent(async () => {
          this.#watcher.away('killed');
          await this.daemon.kill();
          await this.#watcher.ended(false);
          await wait(fault.forMs);
          await this.start();
        });
        return undefined;
      case 'stopped':
        await this.#absent(async () => {
          this.#watcher.away('stopped');
          this.daemon.signal('SIGSTOP');
          await wait(fault.forMs);
          this.daemon.signal('SIGCONT');
          this.#watcher.back();
        });
        return undefined;
      case 'restarted':
        await this.settled();
        await this.stop();
        return this.start();
      case 'clock':
        this.#clockOffset += fault.byMs;
        writeFileSync(this.#clockFile, String(this.#clockOffset));
        this.daemon.signal('SIGUSR2');
        return undefined;
      case 'storm':
        return this.#storm(fault.events, fault.isDeaf);
      case 'pinned':
        await this.settled();
        return this.daemon.pin(fault.name);
      case 'target.dead':
        return this.lab.target(fault.address).kill();
      case 'target.back':
        return this.lab.target(fault.address).revive();
    }
  }

  /** Resolves when the daemon is there again. */
  async settled(): Promise<void> {
    await this.#absence;
  }

  async #absent(course: () => Promise<void>): Promise<void> {
    await this.settled();
    this.#absence = course();
    // It is awaited by `settled`; until then nobody listens.
    this.#absence.catch(() => undefined);
  }

  async start(): Promise<void> {
    this.daemon.launch();
    await this.daemon.until(() => true, 'the daemon answers', 30_000);
    this.#watcher.back();
  }

  /** Ends the daemon politely, and has looked at what it leaves. */
  async stop(): Promise<void> {
    this.#watcher.away('gave back');
    const code = await this.daemon.stop(30_000);
    if (code !== 0) throw new Error(`the daemon ended with ${code ?? 'a signal'}\n${this.daemon.lastLines}`);
    await this.#watcher.ended(true);
  }

  async #removeOurs(what: OursRemoved, family: Family): Promise<void> {
    const ip = async (...words: readonly string[]) =>
      this.node.exec('ip', [flag(family), ...words]).catch((error: unknown) => {
        // Nothing of ours is there at the moment.
        if (error instanceof CommandFailed) return '';
        throw error;
      });
    switch (what) {
      case 'rules':
        await ip('rule', 'flush', 'protocol', '144');
        return;
      case 'last rule':
        await ip('rule', 'delete', 'priority', '32765', 'protocol', '144');
        return;
      case 'ranked routes': {
        const table = await this.rankedTable();
        if (table !== null) await ip('route', 'flush', 'table', String(table), 'proto', '144');
        return;
      }
      case 'uplink routes': {
        const [, table] = /oif \S+ lookup (\d+) proto 144/u.exec(await ip('rule', 'show')) ?? [];
        if (table !== undefined) await ip('route', 'flush', 'table', table, 'proto', '144');
      }
    }
  }

  /** The table that the last of backhauld's rules looks up; null where there is none. */
  async rankedTable(): Promise<number | null> {
    for (const family of families) {
      const rules = await this.node.exec('ip', [flag(family), 'rule', 'show', 'priority', '32765']);
      const [, table] = /lookup (\d+) proto 144/u.exec(rules) ?? [];
      if (table !== undefined) return Number(table);
    }
    return null;
  }

  /** More notifications than anybody can read in time. */
  async #storm(events: number, isDeaf: boolean): Promise<void> {
    await this.settled();
    const lines: string[] = [];
    for (let number = 0; lines.length < events; number += 1) {
      const address = `10.200.${(number >> 8) & 255}.${number & 255}/32 dev lo`;
      lines.push(`address add ${address}`, `address delete ${address}`);
      if (number % 16 === 0) lines.push('link set lo mtu 65535', 'link set lo mtu 65536');
    }
    if (isDeaf) {
      this.#watcher.away('stopped');
      this.daemon.signal('SIGSTOP');
    }
    await this.node.ip(...lines);
    if (isDeaf) {
      this.daemon.signal('SIGCONT');
      this.#watcher.back();
    }
  }

  async #command(words: string): Promise<void> {
    const [tool = '', ...args] = words.split(' ');
    await (tool === 'nft' ? this.node.nft(args.join(' ')) : this.node.exec(tool, args));
  }
}
