import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseModem, parseModemList } from '../../../../src/adapters/modem/mmcli.codec.ts';
import { readModems } from '../../../../src/adapters/modem/modem-manager.ts';
import { modemStates } from '../../../../src/model/modem.ts';
import { fakeMmcli, path, stick } from './fake-mmcli.ts';

const list = (...paths: readonly string[]): string => JSON.stringify({ 'modem-list': paths });
const modem = (overrides: object = {}): string => JSON.stringify(stick(overrides));
const statusOf = (overrides: object) => parseModem(modem(overrides))?.status;

describe('what mmcli prints of a modem', () => {
  test('is its network interfaces, its state, what its radio speaks, and its signal', () => {
    expect(parseModem(modem())).toEqual({
      interfaces: ['wwan0'],
      status: { state: 'connected', accessTechnology: 'lte', signalPercent: 67 },
    });
  });

  test('has no interface where PPP is dialled over a serial line', () => {
    expect(parseModem(modem({ ports: ['ttyUSB0 (at)'] }))?.interfaces).toEqual([]);
  });

  test('names two technologies at once', () => {
    expect(statusOf({ 'access-technologies': ['lte', '5gnr'] })?.accessTechnology).toBe('lte+5gnr');
  });

  test.each([
    ['no technology', { 'access-technologies': [] }, { accessTechnology: null }],
    ['one that is unknown', { 'access-technologies': ['unknown'] }, { accessTechnology: null }],
    ['one that would colour a terminal', { 'access-technologies': ['\u001B[31mlte'] }, { accessTechnology: null }],
    ['a sentence', { 'access-technologies': ['lte; reboot'] }, { accessTechnology: null }],
    [
      'a thousand technologies',
      { 'access-technologies': Array(1000).fill('lte') },
      { accessTechnology: 'lte+lte+lte+lte' },
    ],
    ['a text in the place of a list', { 'access-technologies': 'lte' }, { accessTechnology: null }],
    ['a state of its own', { state: '$(reboot)' }, { state: 'unknown' }],
    ['no signal', { 'signal-quality': { recent: 'no', value: '--' } }, { signalPercent: null }],
    ['a signal of 101', { 'signal-quality': { value: '101' } }, { signalPercent: null }],
    ['a signal of -5', { 'signal-quality': { value: '-5' } }, { signalPercent: null }],
    ['a signal of 0', { 'signal-quality': { value: '0' } }, { signalPercent: 0 }],
    ['a signal that is a number', { 'signal-quality': { value: 67 } }, { signalPercent: null }],
    ['no word of a signal', { 'signal-quality': undefined }, { signalPercent: null }],
  ])('that says %s', (_, said, expected) => {
    expect(statusOf(said)).toMatchObject(expected);
  });

  test.each(['../../etc (net)', 'a name that is far too long (net)', 'wwan0 (net) (net)', ' (net)', 'wwan0'])(
    'has no interface %j',
    (port) => {
      expect(parseModem(modem({ ports: [port] }))?.interfaces).toEqual([]);
    },
  );

  test('may be anything: it is nothing then, or well formed', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => `{"modem":{"generic":${text}}}`),
      fc
        .record({ state: fc.string(), ports: fc.anything(), 'signal-quality': fc.anything() })
        .map((each) => modem(each)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const report = parseModem(text);
        if (report === null) return;
        expect(modemStates).toContain(report.status.state);
        for (const name of report.interfaces) expect(name).toMatch(/^[^\s/]{1,15}$/u);
        expect(parseModemList(text) ?? []).toEqual([]);
      }),
    );
  });
});

describe('what mmcli lists', () => {
  test.each([
    ['none', list(), []],
    ['two', list(path(0), path(12)), [path(0), path(12)]],
    ['what is no modem', list('--help', '/org/freedesktop/ModemManager1/Modem/0;id', path(3)), [path(3)]],
    [
      'more than any node has',
      list(...Array.from({ length: 50 }, (_, at) => path(at))),
      [0, 1, 2, 3, 4, 5, 6, 7].map(path),
    ],
  ])('%s', (_, text, expected) => {
    expect(parseModemList(text)).toEqual(expected);
  });

  test.each(['', 'No modems were found', '{}', '[]', 'null', '{"modem-list":"x"}'])('is no list: %j', (text) => {
    expect(parseModemList(text)).toBeNull();
  });
});

describe('ModemManager', () => {
  test('is asked for the list, then for each modem, with arguments of their own', async () => {
    const other = modem({ ports: ['wwan1 (net)'], state: 'searching', 'signal-quality': { value: '12' } });
    const { file, log } = fakeMmcli({
      '--list-modems': list(path(0), path(1)),
      [`--modem=${path(0)}`]: modem(),
      [`--modem=${path(1)}`]: other,
    });
    expect(await readModems(file)).toEqual({
      kind: 'read',
      modems: new Map([
        ['wwan0', { state: 'connected', accessTechnology: 'lte', signalPercent: 67 }],
        ['wwan1', { state: 'searching', accessTechnology: 'lte', signalPercent: 12 }],
      ]),
    });
    expect(readFileSync(log, 'utf8').trim().split('\n').toSorted()).toEqual([
      '2: --output-json --list-modems',
      `2: --output-json --modem=${path(0)}`,
      `2: --output-json --modem=${path(1)}`,
    ]);
  });

  test('is absent where there is no mmcli, and where nobody answers on the bus', async () => {
    expect(await readModems('/nowhere/mmcli')).toEqual({ kind: 'absent' });
    expect(await readModems(fakeMmcli({}).file)).toEqual({ kind: 'absent' });
    const noBus = fakeMmcli({}, 'echo "error: couldn\'t get bus: Could not connect" >&2; exit 1');
    expect(await readModems(noBus.file)).toEqual({ kind: 'absent' });
  });

  test.each([
    ['fails', 'echo "error: something $(else)" >&2; exit 1'],
    ['says nothing of a known form', 'echo "/org/freedesktop/ModemManager1/Modem/0 [Lab] Stick"'],
    ['writes without end', 'yes'],
  ])('is broken when mmcli %s, and nothing of what it wrote is repeated', async (_, failure) => {
    const answer = await readModems(fakeMmcli({}, failure).file);
    expect(answer).toMatchObject({ kind: 'broken', problem: { code: 'modem.unavailable' } });
    expect(JSON.stringify(answer)).not.toMatch(/something|Lab/u);
  });

  test('tells of the others when one modem is gone before it is asked', async () => {
    const { file } = fakeMmcli({ '--list-modems': list(path(0), path(1)), [`--modem=${path(0)}`]: modem() });
    const answer = await readModems(file);
    expect(answer.kind === 'read' && [...answer.modems.keys()]).toEqual(['wwan0']);
  });

  test('is broken when it lists modems and describes none', async () => {
    const { file } = fakeMmcli({ '--list-modems': list(path(0)) });
    expect((await readModems(file)).kind).toBe('broken');
  });
});
