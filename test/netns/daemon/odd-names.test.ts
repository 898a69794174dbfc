import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Namespace } from '../../../lab/namespace.ts';
import { givenBack, quick, Site } from './site.ts';

/** All of them legal to the kernel. Run by a shell, some would leave a file behind. */
const names = [
  '$(>pwned)',
  '`>pwned`',
  ';>pwned;',
  '|>pwned',
  '"quoted',
  "it's",
  '#comment',
  'üñí→',
  'fifteen-letters',
  '-x',
  '--json',
  String.raw`back\slash`,
  '*',
  'a=b',
  'eth0.5',
  // By which `ip` means an index where there is no such name: that of eth0.
  'if11',
] as const;

const toml = `${quick.replace('[probe]', '[probe]\ntargets = ["icmp://1.1.1.1"]')}
[[uplink]]
match = "*"
type = "ethernet"
`;

describe.each(['ffi', 'command'] as const)('names of interfaces that are odd and legal, by the driver %s', (driver) => {
  test('every one is an uplink, probed and pinned as any other, and nothing in them is executed', async () => {
    await using site = await Site.create();
    await using far = await createFar(site);
    const home = await mkdtemp(join(site.lab.directory, 'odd-'));
    const status = await site.start(`${toml}\n[discovery]\ndriver = "${driver}"\n`, {
      home,
      wrapper: ['env', '-C', home],
    });
    expect(status.interfaces.map(({ name }) => name).toSorted()).toEqual(
      [...names, 'eth0', 'wlan0', 'wwan0'].toSorted(),
    );
    const unhealthy = status.interfaces.filter(({ verdict }) => verdict.ipv4 !== 'healthy');
    expect(unhealthy.map(({ name }) => name)).toEqual([]);
    expect(status.problems).toEqual([]);
    await site.untilDone();
    for (const name of names) {
      // By the command for those that a command line could take for something else.
      await site.daemon.pin(name);
      await site.until(({ active }) => active.ipv4?.iface === name, `${name} is active`);
      await site.untilDone();
      const shown = await site.node.exec('ip', ['-j', 'route', 'show', 'table', '200', 'metric', '10']);
      expect((JSON.parse(shown) as { dev: string }[]).map(({ dev }) => dev)).toEqual([name]);
    }
    // On a command line they could be taken for something else.
    for (const name of ['-x', '--json', '*', '$(>pwned)']) {
      expect(await site.backhauld('pin', '--', name)).toMatchObject({ code: 0 });
      expect((await site.daemon.status()).pinned).toBe(name);
    }
    const said = await site.backhauld('explain', '--', '$(>pwned)');
    expect(said).toMatchObject({ code: 0 });
    expect(said.output).toContain('$(>pwned)');
    expect(await site.backhauld('status')).toMatchObject({ code: 0 });
    expect(await readdir(home)).not.toContain('pwned');
    expect(await site.stop()).toEqual(givenBack);
    expect(far.name).not.toBe('');
  });
});

/** The other end of each link: one namespace that has 1.1.1.1. */
async function createFar(site: Site): Promise<AsyncDisposable & { readonly name: string }> {
  const far = await Namespace.create(`${site.node.name}-far`);
  await far.ip('address add 1.1.1.1/32 dev lo');
  for (const [position, name] of names.entries()) {
    const net = `10.200.${position}`;
    const near = async (...words: readonly string[]) => site.node.exec('ip', words);
    await near('link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `far${position}`, 'netns', far.name);
    await near('address', 'add', `${net}.2/24`, 'dev', name);
    await near('link', 'set', 'dev', name, 'up');
    await near('route', 'add', 'default', 'via', `${net}.1`, 'dev', name, 'metric', String(1000 + position));
    await far.ip(`address add ${net}.1/24 dev far${position}`, `link set far${position} up`);
  }
  return { name: far.name, [Symbol.asyncDispose]: async () => far.close() };
}
