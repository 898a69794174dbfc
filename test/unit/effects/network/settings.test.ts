import { describe, expect, test, vi } from 'vitest';
import { restoreSetting } from '../../../../src/effects/operations.ts';
import { noNetwork, settingKey, type OperationResult, type Setting } from '../../../../src/model/network.ts';
import { FakeKernel } from '../../../fakes/kernel/fake-kernel.ts';
import { addUplink, type fakeSettings, intentOf, memoryJournal, PlanBench } from '../support.ts';

const vanished: OperationResult = {
  ok: false,
  retry: 'satisfied',
  code: 'kernel.vanished',
  message: 'there is no such setting any more',
};

function makeBench(journal = memoryJournal()) {
  const kernel = new FakeKernel();
  const lan = addUplink(kernel, { name: 'eth0', ipv4: { address: '192.0.2.2/24', gateway: '192.0.2.1' } });
  const bench = new PlanBench(kernel, {}, journal);
  const setting = (key: Setting['key'], family: Setting['family'] = 'ipv4'): Setting => ({
    linkIndex: lan.index,
    interface: 'eth0',
    family,
    key,
  });
  const planned = (): readonly string[] =>
    bench
      .plan(intentOf([lan]))
      .operations.flatMap((one) =>
        one.type === 'setting.write' ? [`${one.setting.key} ${one.before}→${one.setting.value}`] : [],
      );
  return { kernel, lan, bench, setting, planned };
}

describe('the settings of an uplink', () => {
  test.each([
    { own: '0', all: '0', isWritten: false },
    { own: '1', all: '0', isWritten: true },
    { own: '2', all: '0', isWritten: false },
    { own: '0', all: '1', isWritten: true },
    { own: '0', all: '2', isWritten: false },
    { own: '1', all: '2', isWritten: false },
  ])('ROUT-10: rp_filter $own, with $all for all interfaces: made loose $isWritten', ({ own, all, isWritten }) => {
    const { kernel, bench, setting, planned } = makeBench();
    kernel.setSetting(setting('rp_filter'), own);
    (bench.settings as ReturnType<typeof fakeSettings>).all.set('ipv4 rp_filter', all);
    expect(planned().includes(`rp_filter ${own}→2`)).toBe(isWritten);
  });

  test.each([
    { value: '1', forwarding: '1', isWritten: true },
    { value: '1', forwarding: '0', isWritten: false },
    { value: '0', forwarding: '1', isWritten: false },
    { value: '2', forwarding: '1', isWritten: false },
  ])('ROUT-10: accept_ra $value with forwarding $forwarding: made 2 $isWritten', ({ value, forwarding, isWritten }) => {
    const { kernel, setting, planned } = makeBench();
    kernel.setSetting(setting('accept_ra', 'ipv6'), value);
    kernel.setSetting(setting('forwarding', 'ipv6'), forwarding);
    expect(planned().includes('accept_ra 1→2')).toBe(isWritten);
  });

  test('ROUT-8: a write that was cut short after its record is made good', async () => {
    const { kernel, lan, bench, setting } = makeBench();
    kernel.setSetting(setting('rp_filter'), '1');
    const record = { ...setting('rp_filter'), before: '1', written: '2' };
    bench.journal.add(record);
    await bench.toRest(intentOf([lan]));
    expect(kernel.setting(setting('rp_filter'))).toBe('2');
    await bench.toRest(noNetwork);
    expect(kernel.setting(setting('rp_filter'))).toBe('1');
  });

  test('ROUT-10: nothing is written when it cannot be recorded', async () => {
    const journal = memoryJournal();
    const { kernel, lan, bench, setting } = makeBench({
      ...journal,
      add: () => ({ ok: false, retry: 'retryable', code: 'state.unwritable', message: 'disk full' }),
    });
    kernel.setSetting(setting('rp_filter'), '1');
    const write = bench.plan(intentOf([lan])).operations.find(({ type }) => type === 'setting.write');
    expect(write === undefined ? true : await bench.execute(write)).toBe(false);
    expect(kernel.setting(setting('rp_filter'))).toBe('1');
  });

  test('ROUT-10: records of an interface that is gone are forgotten', async () => {
    const { kernel, lan, bench } = makeBench();
    await bench.toRest(intentOf([lan]));
    expect(bench.journal.records.size).toBeGreaterThan(0);
    kernel.removeLink(lan.index);
    await bench.toRest(noNetwork);
    expect(bench.journal.records.size).toBe(0);
  });

  test('ROUT-10: a renamed interface gets back what it had, and is not recorded twice', async () => {
    const { kernel, lan, bench, setting } = makeBench();
    kernel.setSetting(setting('rp_filter'), '1');
    await bench.toRest(intentOf([lan]));
    const { size } = bench.journal.records;
    kernel.rename(lan.index, 'wan0');
    await bench.toRest(intentOf([{ ...lan, name: 'wan0' }]));
    expect(bench.journal.records.size).toBe(size);
    expect([...bench.journal.records.keys()]).toContain(settingKey(setting('rp_filter')));
    await bench.toRest(noNetwork);
    expect(kernel.setting({ ...setting('rp_filter'), interface: 'wan0' })).toBe('1');
    expect(bench.journal.records.size).toBe(0);
  });

  test('ROUT-10: a name that lasted a moment only leaves a record that undoes nothing', async () => {
    const { kernel, lan, bench, setting } = makeBench();
    kernel.setSetting(setting('rp_filter'), '1');
    // It was recorded; then the interface had its old name again, and there was nothing to write to.
    bench.journal.add({ ...setting('rp_filter'), interface: 'wan0', before: '1', written: '2' });
    const done: string[] = [];
    await bench.toRest(intentOf([lan]), ({ type }) => done.push(type));
    expect(done).not.toContain('setting.restore');
    expect(kernel.setting(setting('rp_filter'))).toBe('2');
    const names = [...bench.journal.records.values()].map((record) => record.interface);
    expect(names).not.toContain('wan0');
    await bench.toRest(noNetwork);
    expect(kernel.setting(setting('rp_filter'))).toBe('1');
    expect(bench.journal.records.size).toBe(0);
  });

  test('ROUT-10: while an interface is being renamed nothing is forgotten, for its settings go with it', async () => {
    const { kernel, lan, bench, setting } = makeBench();
    kernel.setSetting(setting('rp_filter'), '1');
    await bench.toRest(intentOf([lan]));
    const { size } = bench.journal.records;
    // There is nothing under the old name any more, and the new one was not told yet.
    const read = vi.spyOn(bench.settings, 'read').mockReturnValue(null);
    const write = vi.spyOn(bench.settings, 'write').mockReturnValue(vanished);
    for (const record of bench.journal.records.values()) await bench.execute(restoreSetting(record));
    await bench.toRest(intentOf([lan]));
    await bench.toRest(noNetwork);
    expect(bench.journal.records.size).toBe(size);
    read.mockRestore();
    write.mockRestore();
    kernel.rename(lan.index, 'wan0');
    await bench.toRest(noNetwork);
    expect(kernel.setting({ ...setting('rp_filter'), interface: 'wan0' })).toBe('1');
    expect(bench.journal.records.size).toBe(0);
  });
});
