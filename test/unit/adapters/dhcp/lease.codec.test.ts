import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/model/address.ts';
import { parseHookLine, parseLease, type ParsedLease } from '../../../../src/adapters/dhcp/lease.codec.ts';

const good = {
  ip: '192.168.7.81',
  mask: '24',
  subnet: '255.255.255.0',
  router: '192.168.7.1',
  dns: '192.168.7.1',
  lease: '120',
  serverid: '192.168.7.1',
};

const parse = (values: Readonly<Record<string, string | undefined>>) =>
  parseLease(
    'eth0',
    new Map(
      Object.entries({ ...good, ...values }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  );
const leaseOf = (values: Parameters<typeof parse>[0]) => {
  const parsed = parse(values);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.lease;
};
const leftOutOf = (values: Parameters<typeof parse>[0]) => {
  const parsed = parse(values);
  return parsed.ok ? parsed.leftOut : [parsed.problem.code];
};

describe('TETH-2: a lease', () => {
  test('is read with all that it says', () => {
    expect(leaseOf({ mtu: '1400', dns: '192.168.7.1 9.9.9.9' })).toEqual({
      address: '192.168.7.81',
      prefixLength: 24,
      gateway: '192.168.7.1',
      routes: [],
      dns: ['192.168.7.1', '9.9.9.9'],
      mtu: 1400,
      server: '192.168.7.1',
      duration: 120_000,
    });
  });

  test.each([
    { what: 'no address', values: { ip: undefined } },
    { what: 'an address that is none', values: { ip: '192.168.7.300' } },
    { what: 'the address of nobody', values: { ip: '0.0.0.0' } },
    { what: 'an address of this machine', values: { ip: '127.0.0.2' } },
    { what: 'an address of many', values: { ip: '224.0.0.5' } },
    {
      what: 'an address that is made up on the link',
      values: { ip: '169.254.3.4', subnet: '255.255.0.0', mask: '16' },
    },
    { what: "the network's own address", values: { ip: '192.168.7.0' } },
    { what: 'the address of all in the network', values: { ip: '192.168.7.255' } },
    { what: 'a mask with holes', values: { subnet: '255.0.255.0', mask: '16' } },
    { what: 'a mask of nothing', values: { subnet: '0.0.0.0', mask: '0' } },
    { what: 'half the internet as its network', values: { subnet: '128.0.0.0', mask: '1' } },
    { what: 'two masks that disagree', values: { mask: '16' } },
    { what: 'a time of 0', values: { lease: '0' } },
    { what: 'a time that is none', values: { lease: '?' } },
  ])('with $what is refused, and what was found is named', ({ values }) => {
    const parsed = parse(values);
    expect(parsed).toMatchObject({ ok: false, problem: { code: 'lease.invalid', subject: 'eth0' } });
    const [found = ''] = Object.values(values).map((value) => value ?? '""');
    expect(parsed.ok ? '' : parsed.problem.message).toContain(found);
  });

  test.each([
    { lease: '4294967295', duration: null },
    { lease: undefined, duration: 3_600_000 },
    { lease: '1', duration: 1000 },
    { lease: '4294967294', duration: 4_294_967_294_000 },
  ])('of $lease s lasts $duration ms', ({ lease, duration }) => {
    expect(leaseOf({ lease }).duration).toBe(duration);
  });

  test.each([
    { subnet: '255.255.255.255', mask: '32', ip: '10.0.0.9', router: '10.0.0.1', length: 32 },
    { subnet: '255.255.255.254', mask: '31', ip: '10.0.0.8', router: '10.0.0.9', length: 31 },
    { subnet: undefined, mask: undefined, ip: '10.0.0.9', router: '10.0.0.1', length: 32 },
    { subnet: '255.255.255.0', mask: '24', ip: '10.0.0.9', router: '172.16.0.1', length: 24 },
  ])('may have a gateway outside its network ($ip/$length by $router)', ({ length, ...values }) => {
    expect(leaseOf(values)).toMatchObject({ prefixLength: length, gateway: values.router });
  });

  test.each([
    { mtu: '68', read: null },
    { mtu: '575', read: null },
    { mtu: '576', read: 576 },
    { mtu: '9000', read: 9000 },
    { mtu: '9001', read: null },
    { mtu: '65535', read: null },
    { mtu: '?', read: null },
  ])('with an MTU of $mtu has the MTU $read', ({ mtu, read }) => {
    expect(leaseOf({ mtu }).mtu).toBe(read);
    expect(leftOutOf({ mtu })).toEqual(read === null ? [`MTU "${mtu}"`] : []);
  });

  test('has the first gateway that can be one, and every name server that can be one, once', () => {
    const values = {
      router: '0.0.0.0 192.168.7.81 192.168.7.9 192.168.7.1',
      dns: '127.0.0.1 1.1.1.1 1.1.1.1 255.255.255.255 8.8.8.8',
    };
    expect(leaseOf(values)).toMatchObject({ gateway: '192.168.7.9', dns: ['1.1.1.1', '8.8.8.8'] });
    expect(leftOutOf(values)).toEqual([
      'gateway "0.0.0.0"',
      'gateway "192.168.7.81"',
      'name server "127.0.0.1"',
      'name server "255.255.255.255"',
    ]);
    expect(leaseOf({ router: undefined, dns: undefined })).toMatchObject({ gateway: null, dns: [] });
  });

  test('with classless routes has its gateway by them alone (RFC 3442)', () => {
    const staticroutes = '10.9.0.0/16 192.168.7.9 0.0.0.0/0 192.168.7.2 172.20.1.9/16 0.0.0.0 0.0.0.0/0 192.168.7.3';
    expect(leaseOf({ staticroutes })).toMatchObject({
      gateway: '192.168.7.2',
      routes: [
        { destination: '10.9.0.0/16', gateway: '192.168.7.9' },
        { destination: '172.20.0.0/16', gateway: null },
      ],
    });
    expect(leaseOf({ staticroutes: '10.9.0.0/16 192.168.7.9' }).gateway).toBeNull();
    expect(
      leftOutOf({ staticroutes: '10.9.0.0/16 224.0.0.1 127.0.0.0/8 192.168.7.9 10.0.0.0/40 1.2.3.4 10.1.0.0/16' }),
    ).toEqual([
      'route "10.9.0.0/16 224.0.0.1"',
      'route "127.0.0.0/8 192.168.7.9"',
      'route "10.0.0.0/40 1.2.3.4"',
      'route "10.1.0.0/16 "',
    ]);
  });

  test('SECU-4: whatever the values are, it is refused by name, or all of it is what it should be', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc
        .array(fc.oneof(fc.ipV4(), fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '255.255.255.0', '24', '0', '?')), {
          maxLength: 6,
        })
        .map((parts) => parts.join(' ')),
    );
    const values = fc.dictionary(fc.constantFrom(...Object.keys(good), 'staticroutes', 'mtu'), text, { maxKeys: 4 });
    fc.assert(
      fc.property(values, (odd) => {
        expect(isSound(parse(odd))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

function isSound(parsed: ParsedLease): boolean {
  const isSayable = (text: string): boolean => !/[^\x20-\x7E]/u.test(text);
  if (!parsed.ok) return parsed.problem.code === 'lease.invalid' && isSayable(parsed.problem.message);
  const { lease, leftOut } = parsed;
  const addresses = [lease.address, lease.gateway, ...lease.dns, ...lease.routes.map(({ gateway }) => gateway)];
  return (
    addresses.every((one) => one === null || parseAddress(one)?.family === 'ipv4') &&
    lease.prefixLength >= 8 &&
    (lease.duration === null || lease.duration > 0) &&
    leftOut.every(isSayable)
  );
}

describe('a line of the script', () => {
  test('has an event and values', () => {
    expect(parseHookLine('backhauld-dhcp;event=bound;ip=10.0.0.2;dns=1.1.1.1 8.8.8.8;end')).toEqual({
      event: 'bound',
      values: new Map([
        ['ip', '10.0.0.2'],
        ['dns', '1.1.1.1 8.8.8.8'],
      ]),
    });
  });

  test.each([
    'udhcpc: lease of 10.0.0.2 obtained',
    'backhauld-dhcp;event=bound;ip=10.0.0.2;dns=1.1.1',
    'backhauld-dhcp;event=format;end',
    'backhauld-dhcp;end',
    ' backhauld-dhcp;event=nak;end',
    '',
  ])('%j is none', (line) => {
    expect(parseHookLine(line)).toBeNull();
  });
});
