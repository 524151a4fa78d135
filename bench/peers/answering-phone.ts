import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('../load/answering-phone.js', import.meta.url));

export interface AnsweringPhone {
  readonly port: number;
  stop(): Promise<void>;
}

/** All the telephones of Invite calls. @param hangsUp whether the called phone hangs up as soon as the call is connected */
export async function startAnsweringPhone({ hangsUp = false } = {}): Promise<AnsweringPhone> {
  const phone = fork(program, hangsUp ? ['hangs-up'] : []);
  const [port]: unknown[] = await once(phone, 'message');
  const stop = async (): Promise<void> => {
    const ended = once(phone, 'exit');
    phone.disconnect();
    await ended;
  };
  return { port: z.number().parse(port), stop };
}
