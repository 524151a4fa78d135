import { type Challenge, parseMessage, ResponseMessage } from '../../../../../container/sip/message/parser/index.js';

/** A challenge as it comes from the network. */
export function challengeIn(text: string): Challenge {
  const lines = [
    'SIP/2.0 401 Unauthorized',
    'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>;tag=2',
    'Call-ID: 1@example.com',
    'CSeq: 1 INVITE',
    `WWW-Authenticate: ${text}`,
    'Content-Length: 0',
    '',
    '',
  ];
  const message = parseMessage(Buffer.from(lines.join('\r\n')));
  if (!(message instanceof ResponseMessage)) throw new TypeError('not a response');
  return message.parseHeader('WWW-Authenticate') as Challenge;
}
