import { writeFile } from 'node:fs/promises';

const samplesPerSecond = 8000;
/** Length of the header of a WAV file. */
export const headerBytes = 44;
const amplitude = 8000;

/** Writes a sine tone as a WAV file: 8 kHz, mono, 16 bit. */
export async function writeTone(file: string, pitchHz: number, seconds: number): Promise<void> {
  const samples = toneSamples(pitchHz, seconds);
  await writeFile(file, Buffer.concat([wavHeader(samples.length), samples]));
}

/** 16-bit samples of a sine tone at 8 kHz. The pitch is a whole number of hertz, so that seconds join smoothly. */
export function toneSamples(pitchHz: number, seconds: number): Buffer {
  const second = Buffer.alloc(2 * samplesPerSecond);
  for (let sample = 0; sample < samplesPerSecond; sample++) {
    const phase = (2 * Math.PI * pitchHz * sample) / samplesPerSecond;
    second.writeInt16LE(Math.round(amplitude * Math.sin(phase)), 2 * sample);
  }
  return Buffer.alloc(seconds * second.length, second);
}

function wavHeader(length: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write('RIFF', 0);
  header.writeUInt32LE(headerBytes - 8 + length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(samplesPerSecond, 24);
  header.writeUInt32LE(2 * samplesPerSecond, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(length, 40);
  return header;
}

/** The pitch of 16-bit samples at 8 kHz, in hertz, from the number of rising zero crossings; 0 for silence. */
export function pitchOf(samples: Buffer): number {
  const count = Math.floor(samples.length / 2);
  let rises = 0;
  for (let sample = 1; sample < count; sample++) {
    if (samples.readInt16LE(2 * sample - 2) < 0 && samples.readInt16LE(2 * sample) >= 0) rises++;
  }
  return count === 0 ? 0 : Math.round((rises * samplesPerSecond) / count);
}
