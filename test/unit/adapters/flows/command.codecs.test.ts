import { describe, expect, test } from 'vitest';
import { endOfConnection, parseConnections } from '../../../../src/adapters/flows/conntrack-command.codec.ts';
import { endOfSockets, parseSockets } from '../../../../src/adapters/flows/ss.codec.ts';

const listed = `
ESTAB 0 0 192.168.101.2:40512 203.0.113.10:7 timer:(keepalive,1min,0) ino:42 sk:1001 cgroup:/ <->
ESTAB 0 0 192.168.101.2%eth0:40513 203.0.113.10:7 ino:43 sk:1002
ESTAB 0 0 [2001:db8:101::2]:40514 [2001:db8:ffff::10]:7 ino:44
ESTAB 0 0 [::ffff:192.168.101.2]:40515 [::ffff:203.0.113.10]:7 ino:45
UNCONN 0 0 0.0.0.0:68 0.0.0.0:*
LISTEN 0 128 *:22 *:*
rubbish
`;

describe('what ss tells', () => {
  const sockets = parseSockets(listed);

  test('is read: both ends, the device, the inode', () => {
    expect(sockets.map(({ source, destination, boundTo, inode }) => [source, destination, boundTo, inode])).toEqual([
      ['192.168.101.2', '203.0.113.10', 0, 42],
      ['192.168.101.2', '203.0.113.10', -1, 43],
      ['2001:db8:101::2', '2001:db8:ffff::10', 0, 44],
      ['192.168.101.2', '203.0.113.10', 0, 45],
    ]);
  });

  test('is said back so that it names these sockets and none other', () => {
    expect(endOfSockets(sockets.slice(2)).join(' ')).toBe(
      '( src [2001:db8:101::2]:40514 and dst [2001:db8:ffff::10]:7 ) or ' +
        '( src [::ffff:192.168.101.2]:40515 and dst [::ffff:203.0.113.10]:7 )',
    );
  });
});

const dump = `
udp      17 29 src=10.77.0.2 dst=203.0.113.10 sport=4000 dport=7 src=203.0.113.10 dst=192.168.101.2 sport=7 dport=4000 [ASSURED] mark=0 use=1 id=77
icmp     1 29 src=10.77.0.2 dst=203.0.113.10 type=8 code=0 id=5 src=203.0.113.10 dst=192.168.101.2 type=0 code=0 id=5 mark=0 use=1
nonsense
`;

describe('what conntrack tells', () => {
  const connections = parseConnections(dump);

  test('is read: who began it, whom it was meant for, where the answers go', () => {
    expect(connections).toEqual([
      {
        protocol: 'udp',
        source: '10.77.0.2',
        destination: '203.0.113.10',
        replyDestination: '192.168.101.2',
        ports: { source: '4000', destination: '7' },
      },
      {
        protocol: 'icmp',
        source: '10.77.0.2',
        destination: '203.0.113.10',
        replyDestination: '192.168.101.2',
        ports: null,
      },
    ]);
  });

  test('is said back by its addresses and ports', () => {
    expect(connections.map((one) => endOfConnection(one).join(' '))).toEqual([
      '--orig-src 10.77.0.2 --orig-dst 203.0.113.10 --proto udp --sport 4000 --dport 7',
      '--orig-src 10.77.0.2 --orig-dst 203.0.113.10 --proto icmp',
    ]);
  });
});
