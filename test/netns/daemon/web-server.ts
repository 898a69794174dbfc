/** A web server: `web-server ADDRESS PORT STATUS` answers everything with that status. Prints `ready`. */
import { createServer } from 'node:http';

const [address = '', port = '', status = ''] = process.argv.slice(2);
createServer((_request, response) => {
  response.writeHead(Number(status), status === '302' ? { location: 'http://portal.example/login' } : {});
  response.end();
}).listen(Number(port), address, () => console.log('ready'));
