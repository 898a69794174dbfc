import { run, Service, type StartOptions } from './process.ts';

/** A network namespace under /run/netns, and the processes that live in it. */
export class Namespace {
  readonly name: string;
  readonly #services = new Set<Service>();

  private constructor(name: string) {
    this.name = name;
  }

  static async create(name: string): Promise<Namespace> {
    await run('ip', ['netns', 'add', name]);
    const namespace = new Namespace(name);
    await namespace.ip('link set lo up');
    return namespace;
  }

  /** Runs a command inside to its end; returns stdout, rejects with `CommandFailed`. */
  async exec(file: string, args: readonly string[] = [], input = ''): Promise<string> {
    return run('ip', ['netns', 'exec', this.name, file, ...args], input);
  }

  /** Starts a process inside. `ip netns exec` becomes the command, so its pid is the command's own. */
  spawn(file: string, args: readonly string[] = [], options: StartOptions = {}): Service {
    const service = new Service('ip', ['netns', 'exec', this.name, file, ...args], options);
    this.#services.add(service);
    void service.ended.then(() => this.#services.delete(service));
    return service;
  }

  /** Carries out iproute2 commands, one per line, in one process; stops at the first that fails. */
  async ip(...lines: readonly string[]): Promise<void> {
    await run('ip', ['-n', this.name, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  async nft(...commands: readonly string[]): Promise<void> {
    await this.exec('nft', [commands.join('; ')]);
  }

  /** Writes kernel settings: `net.ipv4.ip_forward=1`. */
  async sysctl(...settings: readonly string[]): Promise<void> {
    await this.exec('sysctl', ['-qw', ...settings]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#services].map((service) => service.end()));
    await run('ip', ['netns', 'delete', this.name]);
  }
}

export async function listNamespaces(): Promise<readonly string[]> {
  const listed = await run('ip', ['netns', 'list']);
  return listed.split('\n').flatMap((line) => line.split(' ')[0] || []);
}
