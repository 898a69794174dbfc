import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BudgetStatus } from '../../../src/model/usage.ts';
import { givenBack, interfaceOf, quick, Site } from './site.ts';

/** Re-pluggings, each with a kill; `USAGE_ROUNDS` names more of them. */
const rounds = Number(process.env['USAGE_ROUNDS'] ?? 6);

const metered = `${quick}
[recorder]
enabled = false
[[uplink]]
match = "phone0"
type = "ethernet"
policy = { kind = "metered", budget = "1 GB", timeZone = "UTC" }
`;

/** A phone that is plugged in and out, with what the kernel says it carried: the bytes of all its lives. */
class Phone {
  readonly #site: Site;
  #index = 50;
  #carriedBefore = 0;

  constructor(site: Site) {
    this.#site = site;
  }

  async plug(): Promise<void> {
    const router = this.#site.lab.uplink('eth0').routerNamespace;
    this.#index += 1;
    await this.#site.node.ip(
      `link add phone0 index ${this.#index} type veth peer name phone0p netns ${router.name}`,
      'address add 10.77.0.2/24 dev phone0',
      'link set phone0 up',
    );
    await router.ip('address add 10.77.0.1/24 dev phone0p', 'link set phone0p up');
  }

  async unplug(): Promise<void> {
    this.#carriedBefore += await this.#carriedNow();
    await this.#site.node.ip('link delete phone0');
  }

  /** Some 300 KB each way. */
  async carry(): Promise<void> {
    await this.#site.node.exec('ping', ['-q', '-c', '200', '-i', '0.002', '-s', '1400', '10.77.0.1']);
  }

  async carried(): Promise<number> {
    return this.#carriedBefore + (await this.#carriedNow());
  }

  async #carriedNow(): Promise<number> {
    const text = await this.#site.node.exec('ip', ['-s', '-j', 'link', 'show', 'dev', 'phone0']);
    const [link] = JSON.parse(text) as readonly {
      readonly stats64: { readonly rx: { readonly bytes: number }; readonly tx: { readonly bytes: number } };
    }[];
    return (link?.stats64.rx.bytes ?? 0) + (link?.stats64.tx.bytes ?? 0);
  }
}

const budgetOf = (budgets: readonly BudgetStatus[]): BudgetStatus | undefined =>
  budgets.find(({ identity }) => identity === 'name phone0');

describe.concurrent('TETH-4: what a device has used, beside what the kernel says', () => {
  test(
    'is the same to 1 % over re-pluggings and kills in turn, some of them one right after the other',
    async () => {
      await using site = await Site.create();
      const phone = new Phone(site);
      await site.start(metered);
      for (let time = 0; time < rounds; time += 1) {
        // Two that find the daemon at work, one that finds it dead, and so on.
        const isDead = time % 3 === 2;
        await phone.plug();
        await phone.carry();
        await site.until((status) => interfaceOf(status, 'phone0') !== undefined, 'it is seen');
        if (isDead) await site.daemon.kill();
        if (isDead) await phone.carry();
        if (isDead) await site.daemon.start();
        await site.until((status) => (budgetOf(status.budgets)?.iface ?? null) === 'phone0', 'it is counted');
        await phone.unplug();
        await site.until((status) => interfaceOf(status, 'phone0') === undefined, 'it is gone');
        if (!isDead) {
          await site.daemon.kill();
          await site.daemon.start();
        }
      }
      await phone.plug();
      await phone.carry();
      await site.until((status) => interfaceOf(status, 'phone0') !== undefined, 'it is seen');
      const carried = await phone.carried();
      const status = await site.until(
        ({ budgets }) => (budgetOf(budgets)?.usedBytes ?? 0) >= carried * 0.99,
        'all is counted',
        3000,
      );
      const used = budgetOf(status.budgets)?.usedBytes ?? 0;
      expect(carried).toBeGreaterThan(rounds * 500_000);
      expect(Math.abs(used - (await phone.carried())) / carried).toBeLessThan(0.01);
      expect(interfaceOf(status, 'phone0')?.usage?.receivedBytes).toBeGreaterThan(carried / 3);
      const file = readFileSync(join(site.daemon.socket, '../state/usage.json'), 'utf8');
      expect(file).toContain('"name phone0"');
    },
    60_000 + rounds * 5000,
  );
});

describe.concurrent('TETH-5: a budget on a real kernel', () => {
  test('that is used up takes the uplink out of the ranking; set and reset give it back', async () => {
    await using site = await Site.create();
    const policy = '[[uplink]]\nmatch = "eth0"\npolicy = { kind = "metered", budget = "50 KB" }\n';
    await site.start(`${quick}${policy}`);
    await site.untilActive('eth0');
    await site.node.exec('ping', ['-q', '-c', '60', '-i', '0.002', '-s', '1400', '-I', 'eth0', '192.168.101.1']);
    const status = await site.untilActive('wlan0');
    expect(interfaceOf(status, 'eth0')).toMatchObject({ candidate: false });
    expect(status.problems.map(({ code }) => code)).toContain('budget.exhausted');
    await site.untilDone();
    const ranked = await site.own();
    expect(ranked.filter((line) => line.includes('dev eth0'))).toEqual([]);
    const shown = await site.backhauld('budget');
    expect(shown.output).toContain('not used any more');
    expect(await site.backhauld('budget', 'reset', 'eth0')).toMatchObject({ code: 0 });
    await site.until((now) => interfaceOf(now, 'eth0')?.candidate === true, 'eth0 may be used again');
    expect(await site.backhauld('budget', 'set', 'eth0', '60 KB')).toMatchObject({ code: 0 });
    await site.until((now) => interfaceOf(now, 'eth0')?.candidate === false, 'and not any more');
    expect(await site.backhauld('budget', 'reset', 'nobody')).toMatchObject({ code: 1 });
    expect(await site.stop()).toEqual(givenBack);
  }, 60_000);
});
