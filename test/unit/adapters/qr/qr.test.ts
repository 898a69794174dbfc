import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { qrLines, qrModules, qrSvg } from '../../../../src/adapters/qr/qr.ts';
import { wifiUri } from '../../../../src/model/wifi-uri.ts';
import { decode, decodeLines, decodeSvg } from './decode.ts';

/** What a phone makes of the text of a code: written anew, from the description of the format. */
function readWifiUri(uri: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  const body = /^WIFI:(.*);$/su.exec(uri)?.[1] ?? '';
  for (const [, name = '', value = ''] of body.matchAll(/([A-Z]):((?:[^\\;]|\\.)*);/gsu)) {
    fields[name] = value.replaceAll(/\\(.)/gsu, '$1');
  }
  return fields;
}

const ssids = [
  'a',
  'backhauld',
  'node "7"',
  "it's",
  String.raw`a\b;c,d:e"f`,
  ';;S:other;P:evil;;',
  'Büro – 3. Stock',
  '🛰️ node 🚐',
  '日本語',
  'x'.repeat(32),
  '🛰'.repeat(8),
  ' ',
];

describe('the QR code of a network', () => {
  test.each(ssids)('SECU-3: a camera reads the name %j and its key as they are', (ssid) => {
    const passphrase = String.raw`k7wm;"\,:2hxa`;
    const text = decode(qrModules(wifiUri({ ssid, passphrase })));
    expect(readWifiUri(text ?? '')).toEqual({ T: 'WPA', S: ssid, P: passphrase });
  });

  test('the longest name with the longest key still fits on a screen of 80 columns', () => {
    const uri = wifiUri({ ssid: ';'.repeat(32), passphrase: '\\'.repeat(63) });
    const lines = qrLines(uri, false);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(decodeLines(lines, false)).toBe(uri);
  });

  test('SECU-3: all five characters that have a meaning are escaped, for readers that are strict', () => {
    expect(wifiUri({ ssid: String.raw`\;,:"`, passphrase: '12345:78' })).toBe(
      String.raw`WIFI:T:WPA;S:\\\;\,\:\";P:12345\:78;;`,
    );
  });

  test('an open network has no key', () => {
    expect(readWifiUri(wifiUri({ ssid: 'open', passphrase: null }))).toEqual({ T: 'nopass', S: 'open' });
  });

  test('whatever the name and the key are, they are read as they are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 32 }),
        fc.string({ minLength: 8, maxLength: 63 }),
        (ssid, key) => {
          expect(readWifiUri(wifiUri({ ssid, passphrase: key }))).toEqual({ T: 'WPA', S: ssid, P: key });
        },
      ),
    );
  });
});

describe('a QR code', () => {
  const text = 'WIFI:T:WPA;S:backhauld;P:k7wm-2hxa-9tqe-dz4n;;';

  test('is read from an image', () => expect(decodeSvg(qrSvg(text))).toBe(text));

  test('in a terminal with colours is dark on light, whatever its theme is', () => {
    const lines = qrLines(text, true);
    const begin = '\u001b[38;5;16;48;5;231m';
    for (const line of lines) expect(line.startsWith(begin) && line.endsWith('\u001b[0m')).toBe(true);
    expect(
      decodeLines(
        lines.map((line) => line.slice(begin.length, -4)),
        true,
      ),
    ).toBe(text);
  });

  test('in a terminal without colours is drawn light', () => {
    expect(decodeLines(qrLines(text, false), false)).toBe(text);
  });

  test('has the quiet zone of the standard: four modules on each side', () => {
    const modules = qrModules(text);
    const isLight = (row: readonly boolean[] | undefined): boolean => row?.every((isDark) => !isDark) ?? false;
    expect([0, 1, 2, 3, -1, -2, -3, -4].every((at) => isLight(modules.at(at)))).toBe(true);
    expect(modules.every((row) => isLight(row.slice(0, 4)) && isLight(row.slice(-4)))).toBe(true);
  });
});
