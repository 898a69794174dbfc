import { describe, expect, test } from 'vitest';

import { readConfigObject, readConfigText } from '../../../../src/adapters/config/read-config.ts';
import { withoutSecrets } from '../../../../src/model/config.ts';
import { describe as sentence } from '../../../../src/model/errors.ts';

const hex = '0123456789abcdefABCDEF0123456789'.repeat(2);

/** A text as TOML takes any: nothing in it is to be misread. */
const toml = (text: string): string => JSON.stringify(text).replaceAll('\u007f', String.raw`\u007f`);

async function mistakesIn(text: string): Promise<readonly string[]> {
  const read = await readConfigText(text, 'c.toml');
  return read.ok ? [] : read.problems.map(sentence);
}

describe('the name of the network', () => {
  test.each([
    ['1 byte', 'x'],
    ['32 bytes', 'x'.repeat(32)],
    ['32 bytes of emoji', '🛰'.repeat(8)],
    ['quotes', `it's "7"`],
    ['a backslash and a semicolon', String.raw`a\b;c`],
    ['blanks at both ends', ' x '],
    ['emoji with a joiner', '👩‍🔧'],
  ])('of %s is taken as it is', async (_, ssid) => {
    const read = await readConfigText(`[hotspot]\nssid = ${toml(ssid)}`, 'c.toml');
    expect(read).toMatchObject({ ok: true, config: { hotspot: { ssid } } });
  });

  test.each([
    ['no byte', ''],
    ['33 bytes', 'x'.repeat(33)],
    ['33 bytes of emoji and one', `${'🛰'.repeat(8)}x`],
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['a NUL', 'a\0b'],
    ['an escape', 'a\u001b[31mb'],
    ['a DEL', 'a\u007fb'],
    ['a C1 control', 'a\u0085b'],
  ])('SECU-4: of %s is a mistake with line and column', async (_, ssid) => {
    const mistakes = await mistakesIn(`[hotspot]\n  ssid = ${toml(ssid)}`);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^c\.toml:2:10: hotspot\.ssid is .*; expected an SSID of 1 to 32 bytes/u);
    expect(mistakes[0]).not.toMatch(/\p{Cc}/u);
  });

  test('SECU-4: with half a character, as a library may be given one, is a mistake', () => {
    const read = readConfigObject({ hotspot: { ssid: 'a\ud83db' } });
    expect(read).toMatchObject({ ok: false, problems: [{ code: 'config.invalid' }] });
  });
});

describe('the passphrase', () => {
  const withPassphrase = (passphrase: string, mode = 'wpa2Psk'): string =>
    `[hotspot.security]\nmode = "${mode}"\n passphrase = ${toml(passphrase)}`;

  test.each([
    ['8 characters', 'x'.repeat(8)],
    ['63 characters', 'x'.repeat(63)],
    ['quotes, backslashes, blanks and commas', String.raw`" '\,; #`],
    ['64 hexadecimal digits', hex],
    ['63 hexadecimal digits', hex.slice(1)],
  ])('SECU-2: of %s is taken as it is', async (_, passphrase) => {
    const read = await readConfigText(withPassphrase(passphrase), 'c.toml');
    expect(read).toMatchObject({ ok: true, config: { hotspot: { security: { passphrase } } } });
  });

  test.each([
    ['no characters', '', '0 characters'],
    ['1 character', 'k', '1 character;'],
    ['7 characters', 'sesame7', '7 characters'],
    ['64 characters that are no hexadecimal digits', 'z'.repeat(64), '64 characters'],
    ['65 hexadecimal digits', `${hex}0`, '65 characters'],
    ['a letter that is not ASCII', 'Schlüssel', '9 characters, not all of them printable ASCII'],
    ['a line feed', 'sesame7\nwpa=0', '13 characters, not all of them printable ASCII'],
    ['a NUL', 'sesame7\0x', '9 characters, not all of them printable ASCII'],
    ['a DEL', 'sesame7\u007fx', '9 characters, not all of them printable ASCII'],
  ])('SECU-2, SECU-4: of %s is a mistake with line and column, and is not shown', async (_, passphrase, found) => {
    const mistakes = await mistakesIn(withPassphrase(passphrase));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^c\.toml:3:15: hotspot\.security\.passphrase is a text of /u);
    expect(mistakes[0]).toContain(found);
    expect(mistakes[0]).toContain('expected a passphrase of 8 to 63 printable ASCII characters');
    expect(mistakes[0]).not.toMatch(/sesame|Schl|zzz|0123/u);
  });

  test('SECU-4: what is no text at all is not shown either', async () => {
    const [mistake] = await mistakesIn('[hotspot.security]\npassphrase = 12345678');
    expect(mistake).toMatch(/^c\.toml:2:14: hotspot\.security\.passphrase is no text/u);
    expect(mistake).not.toContain('12345678');
  });

  test.each(['wpa3Sae', 'wpa2Wpa3Mixed'])('SECU-1: as 64 hexadecimal digits is nothing for %s', async (mode) => {
    const mistakes = await mistakesIn(withPassphrase(hex, mode));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^c\.toml:3:15: .* is a text of 64 characters; .*mode = "wpa2Psk"/u);
    expect(mistakes[0]).not.toContain('0123');
  });

  test('SECU-2: a fixed one and rotation cannot both be', async () => {
    const mistakes = await mistakesIn(`${withPassphrase('open sesame')}\npskRotation = { enabled = true }`);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^c\.toml:3:15: .* is a text of 11 characters; expected none beside pskRotation/u);
    expect(mistakes[0]).not.toContain('sesame');
  });

  test('SECU-4: is not in the configuration that is recorded and shown', () => {
    const read = readConfigObject({ hotspot: { security: { passphrase: 'open sesame' } } });
    expect(read.ok && JSON.stringify(withoutSecrets(read.config))).not.toContain('sesame');
    expect(read.ok && withoutSecrets(read.config).hotspot.security.passphrase).toBeNull();
  });
});

test('SECU-1: an open hotspot is a mistake with line and column, unless it is allowed', async () => {
  expect(await mistakesIn('[hotspot.security]\n\nmode = "open"')).toEqual([
    'c.toml:3:8: hotspot.security.mode is "open"; expected allowOpen = true beside mode = "open" [config.invalid]',
  ]);
  expect(await mistakesIn('[hotspot.security]\nmode = "open"\nallowOpen = true')).toEqual([]);
});

describe('private networks that clients may reach', () => {
  test('are read as the kernel writes them', async () => {
    const read = await readConfigText('[hotspot]\nprivateNetworks = ["192.168.1.77/24", "fd00::1/64"]', 'c.toml');
    const privateNetworks = ['192.168.1.0/24', 'fd00::/64'];
    expect(read).toMatchObject({ ok: true, config: { hotspot: { privateNetworks } } });
  });

  test.each(['192.168.1.1', '192.168.1.0/33', 'printer/24', '10.0.0.0/8 accept'])('%s is none', async (text) => {
    expect(await mistakesIn(`[hotspot]\nprivateNetworks = ["${text}"]`)).toEqual([
      expect.stringContaining('a network such as "192.168.1.0/24"'),
    ]);
  });
});
