/** The page on the far host that NetworkManager asks for to learn whether it is online. */
import net from 'node:net';
import { farHost } from '../../lab/topology.ts';

const page = 'NetworkManager is online\n';
const head = [
  'HTTP/1.1 200 OK',
  'X-NetworkManager-Status: online',
  `Content-Length: ${page.length}`,
  'Connection: close',
];
const server = net.createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => socket.end(`${head.join('\r\n')}\r\n\r\n${page}`));
});
server.listen(80, farHost.ipv4, () => console.log('ready'));
