import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/model/config.ts';
import { families } from '../../../src/model/family.ts';
import { parseTarget, parseTargets } from '../../../src/model/target.ts';

describe('a target is read from its text', () => {
  test('HLTH-1: the default targets are what their texts say', () => {
    for (const family of families) {
      for (const target of defaultConfig.probe.targets[family]) expect(parseTarget(target.text)).toEqual(target);
    }
  });

  test.each([
    ['icmp://8.8.8.8', { kind: 'icmp', family: 'ipv4', address: '8.8.8.8' }],
    ['icmp://[2001:DB8:0::1]', { kind: 'icmp', family: 'ipv6', address: '2001:db8::1' }],
    ['dns://1.1.1.1/example.com', { kind: 'dns', port: 53, name: 'example.com' }],
    ['dns://1.1.1.1:5353/_srv.example.com.', { kind: 'dns', port: 5353, name: '_srv.example.com' }],
    ['http://192.0.2.1', { kind: 'http', port: 80, path: '/', expectedStatus: 200, expectedBody: null }],
    ['http://192.0.2.1/generate_204', { path: '/generate_204', expectedStatus: 204 }],
    ['http://192.0.2.1/generate_204?a=b', { path: '/generate_204?a=b', expectedStatus: 204 }],
    ['http://192.0.2.1?a=b', { path: '/?a=b' }],
    [
      'https://[2001:db8::1]:8443/a#status=201&body=all%20is%20well%21',
      { kind: 'https', port: 8443, path: '/a', expectedStatus: 201, expectedBody: 'all is well!' },
    ],
  ])('%s', (text, expected) => {
    expect(parseTarget(text)).toMatchObject({ text, ...expected });
  });
});

describe('HLTH-2: a name stands for an address in each family', () => {
  test.each([
    ['tcp://one.one.one.one:53', { kind: 'tcp', host: 'one.one.one.one', port: 53 }],
    ['icmp://Example.COM.', { kind: 'icmp', host: 'example.com' }],
    ['https://xn--bcher-kva.example/a', { kind: 'https', host: 'xn--bcher-kva.example', port: 443, path: '/a' }],
    ['http://1-2-3.example:8080', { kind: 'http', host: '1-2-3.example', port: 8080 }],
    ['dns://dns.example/example.com', { kind: 'dns', host: 'dns.example', port: 53, name: 'example.com' }],
  ])('%s', (text, expected) => {
    expect(parseTargets(text)).toEqual(
      families.map((family) => expect.objectContaining({ text, family, address: '', ...expected }) as unknown),
    );
  });

  test('a literal address is one of its own family alone', () => {
    expect(parseTargets('tcp://1.1.1.1:53')).toEqual([parseTarget('tcp://1.1.1.1:53')]);
    expect(parseTargets('icmp://[2001:db8::1]')).toEqual([parseTarget('icmp://[2001:db8::1]', 'ipv6')]);
    expect(parseTarget('tcp://1.1.1.1:53')).not.toHaveProperty('host');
    expect(parseTargets('tcp://router:53')).toHaveProperty('problem');
  });
});

describe('what is no target is refused with the reason', () => {
  test.each([
    ['', /begins with none of tcp/],
    ['1.1.1.1:53', /begins with none of/],
    ['udp://1.1.1.1:53', /begins with none of/],
    [' tcp://1.1.1.1:53', /begins with none of/],
    ['tcp://1.1.1.1', /port is missing, as in tcp:\/\/1\.1\.1\.1:53/],
    ['tcp://1.1.1.1:0', /1 to 65535/],
    ['tcp://1.1.1.1:65536', /1 to 65535/],
    ['tcp://1.1.1.1:53/', /nothing may follow/],
    ['tcp://user@1.1.1.1:53', /no address, and no host name/],
    ['tcp://:53', /no address, and no host name/],
    ['tcp://router:53', /without a dot/],
    ['tcp://bücher.example:53', /Punycode/],
    ['tcp://xn--.example:53', /1 to 63/],
    [`tcp://${'a'.repeat(64)}.example:53`, /1 to 63/],
    [`tcp://${'a.'.repeat(126)}example:53`, /too many for a name/],
    ['tcp://a..example:53', /1 to 63/],
    ['tcp://-a.example:53', /1 to 63/],
    ['tcp://a-.example:53', /1 to 63/],
    ['tcp://a_b.example:53', /1 to 63/],
    ['tcp://example.com..:53', /1 to 63/],
    ['tcp://256.1.1.1:53', /no name ends with a number/],
    ['tcp://0x7f.0x1:53', /no name ends with a number/],
    ['icmp://my.localhost', /under localhost/],
    ['icmp://printer.local', /under local/],
    ['tcp://[example.com]:53', /no literal address/],
    ['tcp://example.com', /port is missing, as in tcp:\/\/example\.com:53/],
    ['tcp://[1.1.1.1]:53', /no literal address/],
    ['tcp://01.1.1.1:53', /no name ends with a number/],
    ['tcp://2606:4700:4700::1111:53', /in brackets/],
    ['tcp://[2606::1%eth0]:53', /no literal address/],
    ['tcp://127.0.0.1:53', /loopback/],
    ['tcp://[::1]:53', /loopback/],
    ['tcp://[::ffff:1.1.1.1]:53', /IPv4 address in IPv6/],
    ['tcp://0.0.0.0:53', /unspecified/],
    ['icmp://224.0.0.1', /multicast/],
    ['icmp://255.255.255.255', /multicast|broadcast/],
    ['icmp://[fe80::1]', /link-local/],
    ['icmp://8.8.8.8:7', /ICMP has no port/],
    ['dns://1.1.1.1', /name to ask for is missing/],
    ['dns://1.1.1.1/', /name to ask for is missing/],
    ['dns://1.1.1.1/bücher.example', /no domain name/],
    ['dns://1.1.1.1/a..b', /no domain name/],
    [`dns://1.1.1.1/${'a'.repeat(64)}.b`, /no domain name/],
    ['http://192.0.2.1/a b', /percent-encoded/],
    ['http://192.0.2.1/a\r\nX-Injected: 1', /begins with none of|percent-encoded/],
    ['http://192.0.2.1/#status=99', /expected status/],
    ['http://192.0.2.1/#body=%zz', /expected status=100…599 or body/],
    ['http://192.0.2.1/#colour=red', /found "colour=red"/],
    [`http://192.0.2.1/${'a'.repeat(1100)}`, /at most 1024/],
  ])('%j', (text, reason) => {
    expect(parseTarget(text)).toEqual({ problem: expect.stringMatching(reason) as unknown });
  });
});
