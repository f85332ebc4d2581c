import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Headers and body as they came, with quoted-printable undone. */
  raw: string;
}

export interface SmtpServer {
  url: string;
  mails: ReceivedMail[];
  /** What it answers to the next mails instead of taking them: `451 later`, `550 no such person`. */
  refuse: string | null;
  close(): Promise<void>;
}

const undone = (text: string): string => {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
};

/** A real mail server on the loopback address that keeps what it is given. */
export async function startSmtp(): Promise<SmtpServer> {
  const open = new Set<Socket>();
  const mails: ReceivedMail[] = [];
  const state: { refuse: string | null } = { refuse: null };
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    serve(socket, mails, state);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    get refuse() {
      return state.refuse;
    },
    set refuse(answer) {
      state.refuse = answer;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, mails: ReceivedMail[], state: { refuse: string | null }): void {
  let buffer = '';
  let data: string[] | null = null;
  let mail: ReceivedMail = { from: '', to: [], raw: '' };
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  const address = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? '';
  say('220 test ready');
  socket.setEncoding('latin1').on('data', (chunk) => {
    buffer += String(chunk);
    for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (data !== null) {
        if (line !== '.') {
          data.push(line);
          continue;
        }
        mails.push({ ...mail, raw: undone(data.join('\r\n')) });
        data = null;
        mail = { from: '', to: [], raw: '' };
        say('250 taken');
      } else if (/^EHLO|^HELO/i.test(line)) say('250 test');
      else if (/^MAIL FROM/i.test(line)) {
        mail.from = address(line);
        say(state.refuse ?? '250 ok');
      } else if (/^RCPT TO/i.test(line)) {
        mail.to.push(address(line));
        say('250 ok');
      } else if (/^DATA/i.test(line)) {
        data = [];
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    }
  });
}
