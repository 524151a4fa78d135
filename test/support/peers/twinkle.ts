import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';
import type { PhoneOptions } from './baresip.js';
import { programPath } from './programs.js';
import type { Heard } from './rtp.js';
import { pitchOf, toneSamples } from './tone.js';

export interface TwinkleOptions extends Omit<PhoneOptions, 'answer'> {
  /** Whether the phone refuses every REFER; by default it follows them. */
  readonly refusesRefer?: boolean;
}

/** A registered twinkle. */
export interface Twinkle {
  readonly user: string;
  readonly toneHz: number;
  /** Picks up the ringing call, or the next one that rings. */
  answer(): Promise<void>;
  /** Declines the ringing call. */
  reject(): Promise<void>;
  hold(): void;
  resume(): void;
  /** Transfers the other side by REFER. */
  transfer(uri: string): void;
  /** Switches to the second line; the call on the first is held. */
  switchToSecondLine(): void;
  /** Connects the other sides of the two lines with each other (attended transfer). */
  joinLines(): void;
  hangUp(): Promise<void>;
  /** Waits until the other side ends the call that was answered last. */
  waitForEnd(): Promise<void>;
  /** The audio played in the next `durationMs` milliseconds. */
  hears(durationMs: number): Promise<Heard>;
  stop(): Promise<void>;
}

const startTimeoutMs = 15_000;
const eventTimeoutMs = 10_000;
/** Longer than any test. */
const toneSeconds = 60;
/** Bytes of one RTP packet: 20 ms of 16-bit samples at 8 kHz. */
const bytesPerPacket = 320;
/** Ports: two for each of the two lines, and two for a third. */
const rtpPorts = 6;

export async function startTwinkle(options: TwinkleOptions): Promise<Twinkle> {
  const home = await mkdtemp(join(tmpdir(), `twinkle-${options.user}-`));
  const heard = join(home, 'heard.raw');
  await mkdir(join(home, '.twinkle'));
  await writeFile(join(home, 'tone.raw'), toneSamples(options.toneHz, toneSeconds));
  await writeFile(join(home, '.asoundrc'), sound(home, heard));
  await writeFile(join(home, '.twinkle', 'twinkle.sys'), await system(options.user));
  await writeFile(join(home, '.twinkle', `${options.user}.cfg`), profile(options));
  const program = await Program.start(`twinkle ${options.user}`, {
    command: 'taskset',
    args: ['--cpu-list', await oneProcessor(), programPath('twinkle')],
    env: { ...process.env, HOME: home },
    takesCommands: true,
  });
  const stop = async () => {
    // twinkle ignores SIGTERM while it waits for a command.
    program.kill();
    await program.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await program.waitForLine(
      (line) => line.includes('registration succeeded') || undefined,
      startTimeoutMs,
      'registration',
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { user: options.user, toneHz: options.toneHz, ...controls(program, heard), stop };
}

function controls(program: Program, heard: string): Omit<Twinkle, 'user' | 'toneHz' | 'stop'> {
  /** Number of lines already waited for. */
  let known = program.lines.length;
  /** Waits for a line after those already waited for. */
  const happens = async (text: string) => {
    let index = 0;
    known = await program.waitForLine(
      (line) => {
        index += 1;
        return index > known && line.includes(text) ? index : undefined;
      },
      eventTimeoutMs,
      `line with "${text}"`,
    );
  };
  return {
    answer: async () => {
      await happens('incoming call');
      program.command('answer');
      await happens('call established');
    },
    reject: async () => {
      await happens('incoming call');
      program.command('reject');
    },
    hold: () => program.command('hold'),
    resume: () => program.command('retrieve'),
    transfer: (uri) => program.command(`transfer ${uri}`),
    switchToSecondLine: () => program.command('line 2'),
    joinLines: () => program.command('transfer -l'),
    hangUp: async () => {
      program.command('bye');
      await happens('call ended');
    },
    waitForEnd: async () => await happens('far end ended call'),
    hears: async (durationMs) => {
      const start = await length(heard);
      await delay(durationMs);
      const samples = await readFrom(heard, start);
      return { packets: Math.floor(samples.length / bytesPerPacket), pitchHz: pitchOf(samples) };
    },
  };
}

/**
 * The first processor that this process may use. Two of twinkle's threads work on each response to an INVITE at the same
 * time, which ends it with SIGABRT or SIGSEGV in one call of sixty; on a single processor they take turns.
 */
async function oneProcessor(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8');
  const first = /^Cpus_allowed_list:\s*(\d+)/m.exec(status)?.[1];
  if (first === undefined) throw new Error('/proc/self/status names no processor');
  return first;
}

/** The file exists as soon as something was played. */
async function length(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** twinkle restarts the file at each change of the call. */
async function readFrom(path: string, start: number): Promise<Buffer> {
  const samples = Buffer.alloc(Math.max(0, (await length(path)) - start));
  if (samples.length === 0) return samples;
  const file = await open(path);
  try {
    await file.read(samples, 0, samples.length, start);
    return samples;
  } finally {
    await file.close();
  }
}

/** A virtual sound card: a file with a tone as microphone, another file as loudspeaker. */
function sound(home: string, heard: string): string {
  return [
    'pcm.nothing { type null }',
    `pcm.speaker { type file slave.pcm nothing file ${heard} format raw }`,
    `pcm.microphone { type file slave.pcm nothing file /dev/null infile ${join(home, 'tone.raw')} format raw }`,
    'pcm.!default { type asym playback.pcm speaker capture.pcm microphone }',
    'ctl.!default { type null }',
    '',
  ].join('\n');
}

async function system(user: string): Promise<string> {
  const lines = [
    'dev_ringtone=alsa:null',
    'dev_speaker=alsa:default',
    'dev_mic=alsa:default',
    'validate_audio_dev=no',
    'play_ringtone=no',
    'play_ringback=no',
    `start_user_profile=${user}`,
    `sip_port=${await freePorts()}`,
    `rtp_port=${await freePorts(rtpPorts)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function profile(options: TwinkleOptions): string {
  const { user, password, domain, proxyPort, transport = 'udp', refusesRefer = false } = options;
  const lines = [
    `user_name=${user}`,
    `user_domain=${domain}`,
    `auth_name=${user}`,
    `auth_pass=${password}`,
    `outbound_proxy=127.0.0.1:${proxyPort}`,
    'all_requests_to_proxy=yes',
    'register_at_startup=yes',
    `sip_transport=${transport}`,
    'codecs=g711u,g711a',
    'ptime=20',
    `allow_refer=${refusesRefer ? 'no' : 'yes'}`,
    'ask_user_to_refer=no',
    'pres_publish_startup=no',
    // Voice activity detection would suppress the tone.
    'speex_dsp_vad=no',
    'speex_dsp_agc=no',
    'speex_dsp_nrd=no',
  ];
  return `${lines.join('\n')}\n`;
}
