import type { HotspotMode } from '../src/model/hotspot.ts';
import type { Daemon } from './daemon.ts';
import type { Lab } from './lab.ts';

/** What the keys do: each is a fault, or takes one back. Resolves with one line for the people in front of it. */
export class Faults {
  readonly #lab: Lab;
  readonly #daemon: Daemon;
  /** What is wrong with an uplink now, as the view shows it. */
  readonly active = new Map<string, string>();
  #selected: string;
  #pinned: string | null = null;
  #isTargetDead = false;
  #hotspot: HotspotMode = 'auto';

  constructor(lab: Lab, daemon: Daemon) {
    this.#lab = lab;
    this.#daemon = daemon;
    this.#selected = lab.uplinks[0]?.name ?? '';
  }

  get selected(): string {
    return this.#selected;
  }

  /** Undefined for a key that means nothing. */
  async press(key: string): Promise<string | undefined> {
    const chosen = this.#lab.uplinks[Number(key) - 1];
    if (chosen !== undefined) {
      this.#selected = chosen.name;
      return `The next fault befalls ${chosen.name}.`;
    }
    return this.#actions[key]?.();
  }

  readonly #actions: Readonly<Record<string, () => Promise<string>>> = {
    c: () =>
      this.#toggle('cable pulled', {
        on: (uplink) => uplink.pull(),
        off: (uplink) => uplink.plug(),
        said: ['The cable is pulled: the kernel itself moves the traffic.', 'The cable is back.'],
      }),
    b: () =>
      this.#toggle('black hole', {
        on: (uplink) => uplink.blackhole(true),
        off: (uplink) => uplink.blackhole(false),
        said: ['The router forwards nothing any more: only probes can tell.', 'The router forwards again.'],
      }),
    l: () =>
      this.#toggle('30 % loss', {
        on: (uplink) => uplink.loss(30, 'down'),
        off: (uplink) => uplink.loss(0),
        said: ['Three in ten packets to the node are lost.', 'Nothing is lost any more.'],
      }),
    f: () => this.#flap(),
    a: () =>
      this.#toggle('no address', {
        on: (uplink) => uplink.flushAddress(),
        off: (uplink) => uplink.renew(),
        said: ['Its addresses are gone.', 'The DHCP client has its lease again.'],
      }),
    p: () => this.#pin(),
    t: () => this.#target(),
    h: () => this.#switchHotspot(),
    k: () => this.#killOrStart(),
  };

  async #toggle(
    fault: string,
    { on, off, said }: { on: Act; off: Act; said: readonly [string, string] },
  ): Promise<string> {
    const uplink = this.#lab.uplink(this.#selected);
    const current = this.active.get(uplink.name);
    if (current !== undefined && current !== fault) return `${uplink.name}: first end "${current}".`;
    if (current === fault) {
      this.active.delete(uplink.name);
      await off(uplink);
      return `${uplink.name}: ${said[1]}`;
    }
    this.active.set(uplink.name, fault);
    await on(uplink);
    return `${uplink.name}: ${said[0]}`;
  }

  async #flap(): Promise<string> {
    const uplink = this.#lab.uplink(this.#selected);
    if (this.active.has(uplink.name)) return `${uplink.name}: first end "${this.active.get(uplink.name)}".`;
    this.active.set(uplink.name, 'flapping');
    // It goes on beside the view; when it fails, so does closing the lab.
    void uplink
      .flap(1000, 1000, 20)
      .catch(() => undefined)
      .finally(() => this.active.delete(uplink.name));
    return `${uplink.name}: The cable comes and goes each second, for 20 seconds.`;
  }

  async #pin(): Promise<string> {
    const name = this.#pinned === this.#selected ? null : this.#selected;
    await this.#daemon.pin(name);
    this.#pinned = name;
    return name === null ? 'The daemon chooses again.' : `${name} is pinned.`;
  }

  async #target(): Promise<string> {
    const target = this.#lab.target('1.1.1.1');
    this.#isTargetDead = !this.#isTargetDead;
    await (this.#isTargetDead ? target.kill() : target.revive());
    return this.#isTargetDead ? '1.1.1.1 is dead for everyone: nothing must move.' : '1.1.1.1 answers again.';
  }

  async #switchHotspot(): Promise<string> {
    const next = { auto: 'on', on: 'off', off: 'auto' } as const;
    this.#hotspot = next[this.#hotspot];
    await this.#daemon.switchHotspot(this.#hotspot);
    return {
      on: 'The hotspot is switched on, on a bridge: there is no radio here.',
      off: 'The hotspot is switched off.',
      auto: 'The hotspot opens when there is no way out: pull all three cables.',
    }[this.#hotspot];
  }

  async #killOrStart(): Promise<string> {
    if (!this.#daemon.isRunning) {
      await this.#daemon.start();
      return 'The daemon is back and has adopted what it found.';
    }
    await this.#daemon.kill();
    return 'The daemon is killed: the ranking in the kernel goes on without it.';
  }
}

type Act = (uplink: ReturnType<Lab['uplink']>) => Promise<void>;
