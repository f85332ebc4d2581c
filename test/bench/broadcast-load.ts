import { WebSocket } from 'ws';

/** Clients of the broadcast bench, in a process of their own: they join, count what they receive, and say so when asked. */
interface Order {
  url: string;
  headers: Record<string, string>[];
  count: number;
  stream?: string;
}
const say = (message: object): void => void process.send?.(message);
let received = 0;

async function join(url: string, headers: Record<string, string>, stream: string | undefined): Promise<void> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      if (stream === undefined) resolve();
      else socket.send('40');
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1', 0, 20);
      if (text === '2') socket.send('3');
      else if (text.startsWith('42["hello"'))
        socket.send(`420${JSON.stringify(['watch', { streams: [{ stream, since: 0 }] }])}`);
      else if (text.startsWith('430')) resolve();
      else if (text.startsWith('42["event"')) received += 1;
    });
  });
}

process.on('message', (order: Order | 'count') => {
  if (order === 'count') {
    say({ received });
    return;
  }
  void (async () => {
    for (let index = 0; index < order.count; index += 25)
      await Promise.all(
        Array.from({ length: Math.min(25, order.count - index) }, (_, of) =>
          join(order.url, order.headers[index + of] ?? {}, order.stream),
        ),
      );
    say({ joined: order.count });
  })();
});
