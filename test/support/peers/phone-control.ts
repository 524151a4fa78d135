import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { netstring, NetstringReader } from './netstring.js';

const eventSchema = z.object({
  event: z.literal(true),
  /** For example `CALL_ESTABLISHED`. */
  type: z.string(),
  direction: z.enum(['incoming', 'outgoing']).optional(),
  peeruri: z.string().optional(),
  peerdisplayname: z.string().optional(),
  /** Call-ID. */
  id: z.string().optional(),
  param: z.string().optional(),
});
const responseSchema = z.object({ response: z.literal(true), ok: z.boolean(), data: z.string(), token: z.string() });
const messageSchema = z.union([eventSchema, responseSchema]);

/** Something that happened on a phone. */
export type PhoneEvent = z.output<typeof eventSchema>;

type Answer = (response: z.output<typeof responseSchema>) => void;

/** The phone does not know a command, or refuses it in its current state. */
export class RefusedCommand extends Error {}

const answerTimeoutMs = 5000;

/** The connection to baresip's module `ctrl_tcp`, for commands and events. */
export class PhoneControl {
  /** All events so far, oldest first. */
  readonly events: PhoneEvent[] = [];
  private readonly reader = new NetstringReader();
  private readonly answers = new Map<string, Answer>();
  private readonly watches = new Set<(event: PhoneEvent) => void>();
  private sent = 0;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      for (const text of this.reader.push(chunk)) this.take(text);
    });
    // A phone that ends resets the connection; commands that still wait then time out.
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<PhoneControl> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new PhoneControl(socket);
  }

  /**
   * Gives a command, for example `dial` with a SIP URI.
   * @returns the phone's output in answer
   * @throws RefusedCommand
   */
  async command(name: string, params = ''): Promise<string> {
    const token = String(++this.sent);
    const response = await new Promise<z.output<typeof responseSchema>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.answers.delete(token);
        reject(new Error(`the phone did not answer the command ${name} within ${answerTimeoutMs} ms`));
      }, answerTimeoutMs);
      this.answers.set(token, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.socket.write(netstring(JSON.stringify({ command: name, params, token })));
    });
    if (!response.ok) throw new RefusedCommand(`the phone refused the command ${name}: ${response.data}`);
    return response.data;
  }

  /** The first event that matches, past or within `timeoutMs` milliseconds. */
  async waitForEvent(fits: (event: PhoneEvent) => boolean, timeoutMs: number): Promise<PhoneEvent> {
    const past = this.events.find((event) => fits(event));
    if (past) return past;
    return await new Promise<PhoneEvent>((resolve, reject) => {
      const watch = (event: PhoneEvent) => {
        if (!fits(event)) return;
        clearTimeout(timer);
        this.watches.delete(watch);
        resolve(event);
      };
      const timer = setTimeout(() => {
        this.watches.delete(watch);
        const seen = this.events.map(({ type, peeruri }) => `${type} ${peeruri ?? ''}`).join(', ');
        reject(new Error(`no such event within ${timeoutMs} ms, only: ${seen}`));
      }, timeoutMs);
      this.watches.add(watch);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(text: string): void {
    const message = messageSchema.parse(JSON.parse(text));
    if ('response' in message) {
      this.answers.get(message.token)?.(message);
      this.answers.delete(message.token);
      return;
    }
    this.events.push(message);
    for (const watch of this.watches) watch(message);
  }
}
