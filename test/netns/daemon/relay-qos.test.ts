import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evaluateInside } from '../inside.ts';
import { givenBack, quick, Site } from './site.ts';

const relaying = `${quick}\n[relayQos]\nenabled = true\nrelayMax = "20 Mbit/s"\n`;
const plain = 'noqueue';

let site: Site;
beforeEach(async () => {
  site = await Site.create();
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
});

/** The kind of the root qdisc of each uplink. */
const roots = async (): Promise<Readonly<Record<string, string>>> => {
  const shown = JSON.parse(await site.node.exec('tc', ['-j', 'qdisc', 'show'])) as readonly {
    readonly kind: string;
    readonly dev: string;
    readonly root?: true;
  }[];
  return Object.fromEntries(
    shown.filter(({ root, dev }) => root === true && dev !== 'lo').map(({ dev, kind }) => [dev, kind]),
  );
};
const tables = async (): Promise<string> => site.node.exec('nft', ['list', 'tables']);
const shaping = (): readonly string[] =>
  site
    .log()
    .filter(({ operation = '' }) => /^(?:qdisc|sorting)\./u.test(operation))
    .map(({ msg }) => msg);
const at = (name: string): Readonly<Record<string, string>> => ({
  eth0: plain,
  wlan0: plain,
  wwan0: plain,
  [name]: 'htb',
});
const none = { eth0: plain, wlan0: plain, wwan0: plain };

test('QOS-2: the daemon has the tree follow a switch, adopts it after a crash, and gives the queues back at the end', async () => {
  await site.start(relaying);
  await site.untilDone();
  expect(await roots()).toEqual(at('eth0'));
  await site.pin('wlan0');
  expect(await roots()).toEqual(at('wlan0'));
  expect(await tables()).toContain('backhauld_qos');
  await site.node.exec('tc', ['qdisc', 'del', 'dev', 'wlan0', 'root']);
  await site.daemon.kill();
  // What is missing is put back; what is there is left as it is.
  const { length } = shaping();
  await site.daemon.start();
  await site.untilActive('wlan0');
  await site.until(() => shaping().length > length, 'the tree is put back');
  await site.untilDone();
  expect(shaping().slice(length)).toEqual(['qdisc.replace qdisc htb 1442: root dev wlan0']);
  const before = shaping().length;
  await site.daemon.kill();
  await site.daemon.start();
  await site.untilActive('wlan0');
  await site.untilDone();
  expect(await roots()).toEqual(at('wlan0'));
  expect(shaping().slice(before)).toEqual([]);
  expect(await site.stop()).toEqual(givenBack);
  expect([await roots(), await tables()]).toEqual([none, '']);
});

test('QOS-2: cleanup removes what a killed daemon left, and a dry run only shows what it would do', async () => {
  await site.start(relaying);
  await site.untilDone();
  await site.daemon.kill();
  expect(await roots()).toEqual(at('eth0'));
  const cleaned = await site.backhauld('cleanup');
  expect(cleaned).toMatchObject({ code: 0 });
  expect(cleaned.output).toContain('qdisc htb 1442: root dev eth0');
  expect([await roots(), await tables()]).toEqual([none, '']);
  expect(existsSync(join(site.daemon.socket, '..', 'state', 'shaping.json'))).toBe(false);
  await site.start(relaying.replace('[relayQos]', '[routing]\nexecute = false\n[relayQos]'));
  const isPlanned = async (): Promise<boolean> =>
    (await site.daemon.plan()).some(({ target }) => target === 'qdisc htb 1442: root dev eth0');
  await expect.poll(isPlanned, { timeout: 5000 }).toBe(true);
  expect(await roots()).toEqual(none);
  await site.stop();
});

test('QOS-2: the library switches it on and off, as often as one likes, and its end gives the queues back', async () => {
  const seen = await evaluateInside(
    site.node.name,
    'exec',
    `import { execFileSync } from 'node:child_process';
    import { BackhaulManager } from 'SRC/main.ts';
    const manager = new BackhaulManager({ dns: { mode: 'none' } }, { stateDirectory: '${site.lab.directory}/library' });
    const root = () => execFileSync('tc', ['qdisc', 'show', 'dev', 'eth0', 'root'], { encoding: 'utf8' }).split(' ')[1];
    const early = (await manager.activateRelayQos())?.code;
    const online = new Promise((resolve) => manager.on('switch', resolve));
    await manager.start();
    if (manager.currentBackhaul() === null) await online;
    const answers = [await manager.activateRelayQos(), await manager.activateRelayQos(), root()];
    answers.push(await manager.deactivateRelayQos(), await manager.deactivateRelayQos(), root());
    await manager.activateRelayQos();
    await manager.shutdown();
    console.log(JSON.stringify([early, ...answers, root()]));`,
  );
  expect(seen).toEqual(['control.notRunning', null, null, 'htb', null, null, plain, plain]);
});
