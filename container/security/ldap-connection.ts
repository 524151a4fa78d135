import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Client, EqualityFilter } from 'ldapts';

export interface LdapServer {
  /** `ldap://host[:port]` or `ldaps://host[:port]`. */
  readonly url: string;
  readonly startTls: boolean;
  /** Certificate authorities in PEM; by default those of Node. */
  readonly ca: string | undefined;
  /** For the connection, and again for each operation. */
  readonly timeoutMs: number;
}

/**
 * One connection to an LDAP server. When it is lost it stays lost: ldapts alone would connect anew, without TLS, and send what
 * comes next, a password perhaps.
 */
export class LdapConnection {
  readonly #client: Client;

  private constructor(
    private readonly socket: Socket,
    { timeoutMs }: LdapServer,
  ) {
    const onlySocket = (): Socket => {
      if (socket.destroyed) throw new Error('The connection to the LDAP server is closed');
      return socket;
    };
    this.#client = new Client({ url: 'ldap://connected', createConnection: onlySocket, timeout: timeoutMs });
  }

  /** @throws Error when the server cannot be reached, or its certificate is not trusted */
  static async open(server: LdapServer): Promise<LdapConnection> {
    const { protocol, hostname, port } = new URL(server.url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const tls: ConnectionOptions = {
      host,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 && { servername: host }),
      ...(server.ca !== undefined && { ca: server.ca }),
    };
    const isLdaps = protocol.toLowerCase() === 'ldaps:';
    const number = Number(port) || (isLdaps ? 636 : 389);
    const socket = isLdaps ? connectTls({ ...tls, port: number }) : connect({ host, port: number });
    // Nobody else listens between two operations, and an error that nobody hears ends the process.
    socket.on('error', () => {});
    const limit = setTimeout(() => {
      socket.destroy(new Error(`No connection to the LDAP server within ${server.timeoutMs} ms`));
    }, server.timeoutMs);
    try {
      await once(socket, isLdaps ? 'secureConnect' : 'connect');
      const connection = new LdapConnection(socket, server);
      if (server.startTls) await connection.#startTls(tls);
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** @throws Error; ldapts' ResultCodeError when the server refuses */
  async bind(dn: string, password: string): Promise<void> {
    await this.#client.bind(dn, password);
  }

  /** DNs of the entries below `base` whose attribute has a value, two at most. @throws Error */
  async search(base: string, attribute: string, value: string): Promise<string[]> {
    const filter = new EqualityFilter({ attribute, value });
    const found = await this.#client.search(base, { scope: 'sub', filter, sizeLimit: 2, attributes: ['1.1'] });
    return found.searchEntries.map(({ dn }) => dn);
  }

  close(): void {
    this.socket.destroy();
  }

  /** ldapts waits for the handshake without an end: the socket that times out has to end it. */
  async #startTls(tls: ConnectionOptions): Promise<void> {
    const lost = new Promise<never>((_, reject) => {
      this.socket.once('close', () => reject(new Error('The LDAP server closed the connection during StartTLS')));
    });
    await Promise.race([this.#client.startTLS(tls), lost]);
  }
}
