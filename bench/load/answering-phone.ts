import { createSocket } from 'node:dgram';

/**
 * All the telephones of Invite calls, in a process of its own: answers every request with 200, an INVITE with a session
 * description too. It keeps nothing of a call, so that it is never what limits a measurement.
 */
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, sendBufferSize: 4 * 1024 * 1024 });

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';

socket.on('message', (datagram, source) => {
  const lines = datagram.toString('utf8').split('\r\n\r\n', 1)[0]?.split('\r\n') ?? [];
  const method = lines[0]?.split(' ', 1)[0] ?? '';
  if (method === 'ACK' || method === 'SIP/2.0') return;
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

socket.bind(0, '127.0.0.1', () => process.send?.(socket.address().port));
process.once('disconnect', () => socket.close());
