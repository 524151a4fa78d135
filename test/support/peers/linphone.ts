import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';
import type { PhoneOptions } from './baresip.js';
import { programPath } from './programs.js';
import { writeTone } from './tone.js';

export interface LinphoneOptions extends Omit<PhoneOptions, 'answer' | 'transport' | 'showsPresence'> {
  /** Whether the phone requires SRTP; by default SRTP is off. */
  readonly wantsSrtp?: boolean;
}

/** A registered linphonec, which answers automatically and follows every REFER. */
export interface Linphone {
  /** Waits until media flow in a call with the party `sip:user@host`. */
  waitForTalk(uri: string): Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 15_000;
const eventTimeoutMs = 10_000;
const pollMs = 200;
const toneSeconds = 60;
const rtpPorts = 4;

const isRegistered = (line: string): true | undefined => line.includes('registered, identity=') || undefined;

export async function startLinphone(options: LinphoneOptions): Promise<Linphone> {
  const home = await mkdtemp(join(tmpdir(), `linphone-${options.user}-`));
  const tone = join(home, 'tone.wav');
  await mkdir(join(home, '.local', 'share', 'linphone'), { recursive: true });
  await writeTone(tone, options.toneHz, toneSeconds);
  const settings = join(home, 'linphonerc');
  await writeFile(settings, await configuration(options));
  const program = await Program.start(`linphone ${options.user}`, {
    command: programPath('linphone'),
    args: ['-a', '-c', settings],
    env: { ...process.env, HOME: home },
    takesCommands: true,
  });
  const stop = async () => {
    program.command('quit');
    await program.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    program.command(`soundcard use files ${tone}`);
    // linphonec does not report its registration, but answers when asked.
    const poll = setInterval(() => program.command('status register'), pollMs);
    await program.waitForLine(isRegistered, startTimeoutMs, 'registration').finally(() => clearInterval(poll));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    waitForTalk: async (uri) => {
      const talks = (line: string): true | undefined =>
        line.includes(`Media streams established with ${uri} `) || undefined;
      await program.waitForLine(talks, eventTimeoutMs, `talk with ${uri}`);
    },
    stop,
  };
}

async function configuration(options: LinphoneOptions): Promise<string> {
  const { user, password, domain, proxyPort, wantsSrtp = false } = options;
  const lines = [
    '[sip]',
    `sip_port=${await freePorts()}`,
    'sip_tcp_port=0',
    'sip_tls_port=0',
    'bind_address=127.0.0.1',
    'default_proxy=0',
    'guess_hostname=0',
    `contact=sip:${user}@127.0.0.1`,
    'use_ipv6=0',
    `media_encryption=${wantsSrtp ? 'srtp' : 'none'}`,
    `media_encryption_mandatory=${wantsSrtp ? 1 : 0}`,
    '[rtp]',
    `audio_rtp_port=${await freePorts(rtpPorts)}`,
    '[auth_info_0]',
    `username=${user}`,
    `passwd=${password}`,
    `realm=${domain}`,
    `domain=${domain}`,
    '[proxy_0]',
    `reg_proxy=<sip:127.0.0.1:${proxyPort}>`,
    `reg_route=<sip:127.0.0.1:${proxyPort};lr>`,
    `reg_identity=sip:${user}@${domain}`,
    'reg_expires=600',
    'reg_sendregister=1',
    'publish=0',
  ];
  return `${lines.join('\n')}\n`;
}
