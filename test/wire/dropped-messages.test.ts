import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { z } from 'zod';
import { type Container, startContainer } from '../support/container.js';

const warning = z.object({ level: z.string(), reason: z.string(), from: z.string(), transport: z.string() });

describe('A SIP message that is dropped', () => {
  let container: Container;
  let socket: Socket;

  beforeEach(async () => {
    container = await startContainer({});
    socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
  });

  afterEach(async () => {
    socket.close();
    await container.stop();
  });

  function send(startLine: string, method: string, cseq: string): void {
    const lines = [
      startLine,
      `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bK1`,
      'From: <sip:user1@example.com>;tag=1',
      'To: <sip:user2@example.com>;tag=2',
      'Call-ID: dropped',
      `CSeq: ${cseq} ${method}`,
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, container.sipPort, '127.0.0.1');
  }

  it('is logged as a warning with the reason and the sender, at most ten times', async () => {
    for (let count = 0; count < 30; count++) send('SIP/2.0 200 OK', 'INVITE', 'many');
    // When this is answered, all before have been read.
    send(`OPTIONS sip:127.0.0.1:${container.sipPort} SIP/2.0`, 'OPTIONS', '1');
    await once(socket, 'message');
    await container.stop();
    const lines = container.logLines().filter((line) => line.includes('refused or dropped'));
    expect(lines).to.have.length(10);
    for (const line of lines)
      expect(warning.parse(JSON.parse(line))).to.deep.equal({
        level: 'warn',
        reason: 'Bad CSeq',
        from: '127.0.0.1',
        transport: 'UDP',
      });
  });
});
