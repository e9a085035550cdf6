// Many WebSocket clients by the package ws in one process: each subscribes, and counts what it gets and what it is told
// that it lost. Ends when each has seen as many events, and prints a report.
//   node websocket-fanout.mjs URL KEY CLIENTS CHANNEL FILTER EVENTS
import WebSocket from 'ws';

const [url, key, clients, channel, filter, events] = process.argv.slice(2);
const wanted = Number(events);
const sockets = [];
const acknowledged = [];

function connect() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['fleetwright.v1'], { headers: { Authorization: `Bearer ${key}` }, perMessageDeflate: false });
    const seen = { events: 0, dropped: 0, lastSeq: 0, gaps: 0, at: [] };
    sockets.push({ socket, seen });
    socket.on('error', reject);
    acknowledged.push(new Promise(ready => {
      socket.on('message', data => {
        const message = JSON.parse(data);
        switch (message.type) {
          case 'ack': ready(); break;
          case 'dropped': seen.dropped += message.count; break;
          case 'event':
            seen.gaps += message.seq - seen.lastSeq - 1;
            seen.lastSeq = message.seq;
            seen.events++;
            seen.at.push(`${message.device} ${message.at}`);
            if (seen.events >= wanted) {
              finish();
            }
            break;
          default: reject(new Error(data.toString()));
        }
      });
    }));
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'subscribe', id: 's', channel, filter: JSON.parse(filter) }));
      resolve();
    });
  });
}

let finish;
const finished = new Promise(resolve => {
  finish = () => sockets.every(({ seen }) => seen.events >= wanted) && resolve();
});

// In parts: a listening socket holds only so many that wait to be accepted.
for (let opened = 0; opened < Number(clients); opened += 100) {
  await Promise.all(Array.from({ length: Math.min(100, Number(clients) - opened) }, connect));
}

await Promise.all(acknowledged);
await finished;
console.log(JSON.stringify({
  clients: sockets.length,
  events: sockets.reduce((sum, { seen }) => sum + seen.events, 0),
  gaps: sockets.reduce((sum, { seen }) => sum + seen.gaps, 0),
  dropped: sockets.reduce((sum, { seen }) => sum + seen.dropped, 0),
}));
sockets.forEach(({ socket }) => socket.terminate());
