import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';
import { PhoneControl, type PhoneEvent, RefusedCommand } from './phone-control.js';
import { programPath } from './programs.js';
import { writeTone } from './tone.js';

export interface PhoneOptions {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  /** Port of the domain's proxy on 127.0.0.1. */
  readonly proxyPort: number;
  /** Transport to the proxy, by default UDP. */
  readonly transport?: 'udp' | 'tcp';
  /** `auto` answers as soon as the phone rings, `manual` waits for `accept`. */
  readonly answer: 'auto' | 'manual';
  /** Pitch of the tone that the phone sends. Give each phone a pitch of its own, to tell them apart. */
  readonly toneHz: number;
  /** Whether the phone accepts subscriptions to its presence (RFC 3856); not by default. */
  readonly showsPresence?: boolean;
  /** Whether the phone refuses media without a key in the description (RFC 4568). */
  readonly wantsSrtp?: boolean;
}

/** A call in the phone's list of active calls. */
export interface PhoneCall {
  /** For example `ESTABLISHED`, `INCOMING`, `RINGING`. */
  readonly state: string;
  readonly peer: string;
}

/** The phone's own RTP counters of its current call. */
export interface RtpCounts {
  /** SSRC of the packets sent (RFC 3550), hexadecimal; undefined without a call. */
  readonly ssrc: string | undefined;
  /** Packets received, by SSRC. */
  readonly received: ReadonlyMap<string, number>;
}

/** A registered baresip. */
export interface Phone {
  readonly user: string;
  readonly toneHz: number;
  readonly sipPort: number;
  /** Folder with recordings of each call: the audio sent (`-enc.wav`) and received (`-dec.wav`). */
  readonly recordings: string;
  /** All events of the phone so far. */
  readonly events: readonly PhoneEvent[];
  waitForEvent(fits: (event: PhoneEvent) => boolean, timeoutMs: number): Promise<PhoneEvent>;
  /** The phone's active calls. */
  calls(): Promise<PhoneCall[]>;
  /** Waits until the phone has no call. @throws Error after `timeoutMs` milliseconds */
  waitUntilIdle(timeoutMs: number): Promise<void>;
  rtpCounts(): Promise<RtpCounts>;
  dial(uri: string): Promise<void>;
  /** Answers the ringing call. */
  accept(): Promise<void>;
  /** Hangs up the first call in the list, or declines the ringing one. */
  hangUp(): Promise<void>;
  /** Presses the hold button; `resume` presses it again. */
  hold(): Promise<void>;
  resume(): Promise<void>;
  /** Transfers the other side by REFER. */
  transfer(uri: string): Promise<void>;
  /** The phone's output, for the message of a failure. */
  report(): string;
  /** Kills the phone (SIGKILL); the phone sends nothing. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 15_000;
/** Longer than any test: baresip hangs up at the end of its tone. */
const toneSeconds = 120;
const rtpPorts = 20;

export async function startPhone(options: PhoneOptions): Promise<Phone> {
  const folder = await mkdtemp(join(tmpdir(), `baresip-${options.user}-`));
  // baresip uses the port after the SIP port for SIP over TLS.
  const sipPort = await freePorts(2);
  const controlPort = await freePorts();
  const recordings = join(folder, 'recordings');
  await mkdir(recordings);
  await writeTone(join(folder, 'tone.wav'), options.toneHz, toneSeconds);
  await writeFile(
    join(folder, 'config'),
    configuration(options, folder, sipPort, controlPort, await freePorts(rtpPorts)),
  );
  await writeFile(join(folder, 'accounts'), account(options));
  await writeFile(join(folder, 'contacts'), '');
  const command = programPath('baresip');
  const program = await Program.start(`phone ${options.user}`, { command, args: ['-f', folder], folder });
  let control: PhoneControl | undefined;
  const stop = async () => {
    await program.stop();
    control?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await program.waitForLine((line) => / 200 .*\[1 binding\]/.test(line) || undefined, startTimeoutMs, 'registration');
    control = await PhoneControl.open(controlPort);
  } catch (error) {
    await stop();
    throw error;
  }
  return phone(options, { program, control, sipPort, recordings, stop });
}

interface Parts extends Pick<Phone, 'sipPort' | 'recordings' | 'stop'> {
  readonly program: Program;
  readonly control: PhoneControl;
}

function phone(options: PhoneOptions, { program, control, sipPort, recordings, stop }: Parts): Phone {
  const command = async (name: string, params?: string) => {
    await control.command(name, params);
  };
  const calls = async () => readCalls(await control.command('listcalls'));
  return {
    user: options.user,
    toneHz: options.toneHz,
    sipPort,
    recordings,
    events: control.events,
    waitForEvent: async (fits, timeoutMs) => await control.waitForEvent(fits, timeoutMs),
    calls,
    waitUntilIdle: async (timeoutMs) => {
      for (;;) {
        const past = new Set(control.events);
        if ((await calls()).length === 0) return;
        await control.waitForEvent((event) => event.type === 'CALL_CLOSED' && !past.has(event), timeoutMs);
      }
    },
    rtpCounts: async () => {
      try {
        return readRtpCounts(await control.command('audio_debug'));
      } catch (error) {
        // baresip knows this command during calls only.
        if (error instanceof RefusedCommand) return { ssrc: undefined, received: new Map() };
        throw error;
      }
    },
    dial: async (uri) => await command('dial', uri),
    accept: async () => await command('accept'),
    hangUp: async () => await command('hangup'),
    hold: async () => await command('hold'),
    resume: async () => await command('resume'),
    transfer: async (uri) => await command('transfer', uri),
    report: () => program.report(),
    kill: async () => {
      program.kill();
      await stop();
    },
    stop,
  };
}

function readCalls(list: string): PhoneCall[] {
  const lines = list.matchAll(/\[line \d+\]\s+[\d:]+\s+(?<state>[A-Z]+)\s+(?<peer>\S+)/g);
  return [...lines].map(({ groups }) => ({ state: groups?.['state'] ?? '', peer: groups?.['peer'] ?? '' }));
}

function readRtpCounts(debug: string): RtpCounts {
  const members = debug.matchAll(/member 0x(?<ssrc>[0-9a-f]{8}):[^\n]*\n\s+IP=\S+ psent=\d+ rcvd=(?<packets>\d+)/g);
  return {
    ssrc: / SSRC=0x([0-9a-f]{8})/.exec(debug)?.[1],
    received: new Map([...members].map(({ groups }) => [groups?.['ssrc'] ?? '', Number(groups?.['packets'])])),
  };
}

function account(options: PhoneOptions): string {
  const { user, password, domain, proxyPort, answer, transport = 'udp', wantsSrtp } = options;
  const parameters = [
    `auth_user=${user}`,
    `auth_pass=${password}`,
    `outbound="sip:127.0.0.1:${proxyPort};transport=${transport}"`,
    'regint=600',
    `answermode=${answer}`,
    'audio_codecs=PCMU/8000/1,PCMA/8000/1',
    ...(wantsSrtp ? ['mediaenc=srtp-mand'] : []),
  ];
  return `<sip:${user}@${domain}>;${parameters.join(';')}\n`;
}

function configuration(
  { showsPresence = false, wantsSrtp = false }: PhoneOptions,
  folder: string,
  sipPort: number,
  controlPort: number,
  rtpPort: number,
): string {
  const sounds = ['ring', 'callwaiting', 'ringback', 'notfound', 'busy', 'error'];
  const lines = [
    // baresip does not find its modules: they are beside the program, in /usr or in /usr/local.
    `module_path ${join(dirname(programPath('baresip')), '../lib/baresip/modules')}`,
    'net_interface 127.0.0.1',
    `sip_listen 127.0.0.1:${sipPort}`,
    `rtp_ports ${rtpPort}-${rtpPort + rtpPorts - 1}`,
    `audio_source aufile,${join(folder, 'tone.wav')}`,
    `snd_path ${join(folder, 'recordings')}`,
    ...sounds.map((sound) => `${sound}_aufile none`),
    'statmode_default off',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    'module g711.so',
    ...(wantsSrtp ? ['module srtp.so'] : []),
    'module aufile.so',
    // Recordings replace a packet capture, which would need a privilege.
    'module sndfile.so',
    'module_tmp account.so',
    // Answers, and follows a REFER.
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    ...(showsPresence ? ['module_app contact.so', 'module_app presence.so'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
