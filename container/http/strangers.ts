import type { Socket } from 'node:net';
import type { Certificates } from '../security/certificates.js';
import { Doorway } from './doorway.js';
import { refuse, refuseInXml, refuseUnreadable } from './refusals.js';
import { HANDSHAKE_TIMEOUT_MS, makeServer, type Server } from './server.js';
import { sendError } from './xml-errors.js';

/** Most refused connections at a time; others are closed without an answer. */
const MAX_STRANGERS = 64;

/**
 * Answers 403 to clients that may not connect to an HTTPS listener, which takes a TLS handshake and the head of a request. They get a
 * server of their own, apart from the listener's; it serves few at a time, each for a short time.
 */
export class Strangers {
  readonly #server: Server;
  readonly #doorway = new Doorway();
  readonly #sockets = new Set<Socket>();

  /** @param refusal text of the 403 */
  constructor(certificates: Certificates, refusal: string) {
    this.#server = makeServer((_request, response) => {
      sendError(response, 403, refusal, { Connection: 'close' });
    }, certificates);
    this.#doorway.detectPlainHttp(this.#server, HANDSHAKE_TIMEOUT_MS, (socket) => refuse(socket, 403, refusal));
    this.#server.on('clientError', refuseUnreadable(refuseInXml));
  }

  /** Takes the connection over, and closes it within 10 s. */
  turnAway(socket: Socket): void {
    if (this.#sockets.size >= MAX_STRANGERS) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT_MS);
    this.#sockets.add(socket);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
    this.#server.emit('connection', socket);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
