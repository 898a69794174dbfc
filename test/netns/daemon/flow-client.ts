/**
 * A program with connections: `flow-client.ts serve ADDRESS PORT` echoes, `flow-client.ts hold tcp|udp ADDRESS PORT
 * [COUNT] [again]` holds so many, sends on each ten times a second, and tells in JSON lines what becomes of them. With
 * `again` it connects anew when one ends.
 */
import dgram from 'node:dgram';
import net from 'node:net';

const [mode, ...operands] = process.argv.slice(2);

const tell = (what: string, more: object = {}): void =>
  console.log(JSON.stringify({ what, atMs: Date.now(), ...more }));

function serve(address: string, port: number): void {
  const server = net.createServer((socket) => {
    socket.on('error', (error) => tell('ended', { code: 'code' in error ? error.code : null }));
    socket.pipe(socket);
  });
  server.listen(port, address, 4096, () => tell('ready'));
}

let connected = 0;
const total = Number(operands[3] ?? 1);
const begin = (): void => {
  connected += 1;
  if (connected === total) tell('ready');
};

function holdTcp(address: string, port: number, isAgain: boolean): void {
  const socket = net.connect({ host: address, port });
  let pulse: NodeJS.Timeout | undefined;
  let answers = 0;
  socket.on('connect', () => {
    socket.write('x');
    pulse = setInterval(() => socket.write('x'), 100);
  });
  socket.on('data', () => {
    answers += 1;
    if (answers === 1) begin();
    if (connected > total && answers === 1) tell('again', { from: socket.localAddress });
    if (answers % 10 === 0 && total === 1) tell('alive', { answers });
  });
  socket.on('error', (error) => tell('ended', { code: 'code' in error ? error.code : null }));
  socket.on('close', () => {
    clearInterval(pulse);
    if (isAgain) holdTcp(address, port, isAgain);
  });
}

function holdUdp(address: string, port: number): void {
  const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
  let answers = 0;
  const pulse = setInterval(() => {
    if (answers > -1) socket.send(Buffer.alloc(20), () => {});
  }, 100);
  socket.on('message', () => {
    answers += 1;
    if (answers === 1) begin();
    if (answers % 10 === 0 && total === 1) tell('alive', { answers });
  });
  socket.on('error', (error) => {
    clearInterval(pulse);
    tell('ended', { code: 'code' in error ? error.code : null });
    socket.close();
  });
  socket.connect(port, address);
}

if (mode === 'serve') {
  serve(operands[0] ?? '', Number(operands[1]));
} else {
  const [kind, address = '', port, , again] = operands;
  for (let number = 0; number < total; number += 1) {
    if (kind === 'udp') holdUdp(address, Number(port));
    else holdTcp(address, Number(port), again === 'again');
  }
}
