import { LoggerFactory, Parser } from 'sip.js/lib/core/index.js';
import { parseMessage } from '../container/sip/message/parser/index.js';
import type { Benchmark } from './benchmark.js';
import { comparison, inTurn } from './figures.js';

const roundMs = 500;
/** Warm-up until both parsers are compiled; sip.js' grammar takes long. */
const warmUpMs = 1_500;
/** Messages between two readings of the CPU time, since a reading costs as much as parsing a message. */
const batch = 5;

/** Twelve header fields, as a telephone behind two proxies answers an INVITE. */
const sdp = [
  'v=0',
  'o=phone 2890844527 2890844527 IN IP4 192.0.2.4',
  's=-',
  'c=IN IP4 192.0.2.4',
  't=0 0',
  'm=audio 49172 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\r\n');
const message = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.10:6050;branch=z9hG4bK2155360.a053d155d6207ce9;rport=6050;received=192.0.2.10',
  'Record-Route: <sip:192.0.2.1;lr;ftag=5bda147847196393>',
  'Record-Route: <sip:192.0.2.2:5080;lr>',
  'From: "User One" <sip:user1@example.com>;tag=5bda147847196393',
  'To: <sip:user1@example.com>;tag=7290phone1225',
  'Call-ID: 0a7d2a7ffa89d5a3d4137b80530df964@192.0.2.10',
  'CSeq: 2 INVITE',
  'Contact: <sip:user1@192.0.2.4:5062;transport=udp>',
  'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY',
  'User-Agent: phone/4.2 (bench)',
  'Content-Type: application/sdp',
  `Content-Length: ${sdp.length}`,
  '',
  sdp,
].join('\r\n');

const loggers = new LoggerFactory();
loggers.builtinEnabled = false;
const logger = loggers.getLogger('bench');
const datagram = Buffer.from(message);

/** Speed of parsing a message: by our parser from the datagram, by sip.js from its text. */
export const parser: Benchmark = async ({ rounds }) => {
  ours(warmUpMs);
  theirs(warmUpMs);
  const taken = await inTurn(
    rounds,
    async () => ours(roundMs),
    async () => theirs(roundMs),
  );
  const target = { of: 'ratio', least: 100 } as const;
  const text = { what: 'parse a 200 OK with 12 headers and SDP', unit: 'a CPU second', target };
  return [comparison(text, "sip.js' own parser", taken.ours, taken.other)];
};

function ours(durationMs: number): number {
  return perCpuSecond(durationMs, () => parseMessage(datagram).callId);
}

function theirs(durationMs: number): number {
  return perCpuSecond(durationMs, () => Parser.parseMessage(message, logger)?.callId);
}

/** Measured in CPU time, which other programs do not affect. */
function perCpuSecond(durationMs: number, parse: () => string | undefined): number {
  const start = process.cpuUsage();
  let cpuMs = 0;
  let parsed = 0;
  while (cpuMs < durationMs) {
    for (let i = 0; i < batch; i++) {
      if (parse() === undefined) throw new Error('The message was not parsed');
    }
    parsed += batch;
    const { user, system } = process.cpuUsage(start);
    cpuMs = (user + system) / 1000;
  }
  return (parsed * 1000) / cpuMs;
}
