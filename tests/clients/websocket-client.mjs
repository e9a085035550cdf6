// A WebSocket client by the package ws, led by its standard input: each line is sent as a message, but
// "!pause" and "!resume" stop and start reading from the socket, "!binary" sends bytes, "!close" closes.
// Each message goes to standard output as a line; "!open PROTOCOL" and "!closed CODE REASON" tell the rest.
//   node websocket-client.mjs URL KEY [as-protocol]
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [url, key, how] = process.argv.slice(2);
const socket = how === 'as-protocol'
  ? new WebSocket(url, ['fleetwright.v1', `bearer.${key}`])
  : new WebSocket(url, ['fleetwright.v1'], { headers: { Authorization: `Bearer ${key}` } });
const say = line => process.stdout.write(line + '\n');

socket.on('message', data => say(data.toString()));
socket.on('error', error => say(`!error ${error.message}`));
socket.on('close', (code, reason) => {
  say(`!closed ${code} ${reason}`);
  process.exit(0);
});

await new Promise(opened => socket.on('open', opened));
say(`!open ${socket.protocol}`);
createInterface({ input: process.stdin }).on('line', line => {
  switch (line) {
    case '!pause': socket.pause(); break;
    case '!resume': socket.resume(); break;
    case '!binary': socket.send(Buffer.from([1, 2, 3])); break;
    case '!close': socket.close(1000, 'done'); break;
    default: socket.send(line);
  }
}).on('close', () => socket.terminate());
