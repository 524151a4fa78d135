import { createSocket, type RemoteInfo } from 'node:dgram';

/**
 * All the telephones of Invite calls, in a process of its own: answers every request with 200, and an INVITE also with a session
 * description. With the argument `hangs-up` the called phone hangs up as soon as the call is connected. The process is stateless, so
 * that it is never what limits a measurement.
 */
const hangsUp = process.argv.includes('hangs-up');
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, sendBufferSize: 4 * 1024 * 1024 });

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';

socket.on('message', (datagram, source) => {
  const lines = datagram.toString('utf8').split('\r\n\r\n', 1)[0]?.split('\r\n') ?? [];
  const method = lines[0]?.split(' ', 1)[0] ?? '';
  if (method === 'SIP/2.0') return;
  // The ACK that brings the calling phone's answer is the last message of the set-up (RFC 3725, flow IV).
  if (method === 'ACK')
    return hangsUp && lines.some((line) => /^Content-Type:/i.test(line)) ? hangUp(lines, source) : undefined;
  const copied = lines.filter((line) => /^(?:Via|From|Call-ID|CSeq):/i.test(line));
  const to = lines.find((line) => /^To:/i.test(line)) ?? '';
  const body = method === 'INVITE' ? sdp : '';
  const response = [
    'SIP/2.0 200 OK',
    ...copied,
    /;tag=/.test(to) ? to : `${to};tag=phone`,
    `Contact: <sip:phone@127.0.0.1:${socket.address().port}>`,
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  socket.send(response.join('\r\n'), source.port, source.address);
});

/** Ends the dialog that an ACK belongs to. */
function hangUp(ack: readonly string[], source: RemoteInfo): void {
  const value = (name: string): string =>
    ack.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const callId = value('Call-ID');
  const { port } = socket.address();
  const bye = [
    `BYE sip:callcontroller@${source.address}:${source.port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${callId}`,
    'Max-Forwards: 70',
    `From: ${value('To')}`,
    `To: ${value('From')}`,
    `Call-ID: ${callId}`,
    'CSeq: 1 BYE',
    'Content-Length: 0',
    '',
    '',
  ];
  socket.send(bye.join('\r\n'), source.port, source.address);
}

socket.bind(0, '127.0.0.1', () => process.send?.(socket.address().port));
process.once('disconnect', () => socket.close());
