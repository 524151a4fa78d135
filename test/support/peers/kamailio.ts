import { readFile } from 'node:fs/promises';
import { freePorts } from '../ports.js';
import { runKamailio } from './kamailio-process.js';

export interface SipUser {
  readonly userName: string;
  readonly password: string;
}

export interface KamailioOptions {
  readonly domain: string;
  readonly users: readonly SipUser[];
  /** Over UDP and TCP; a free one by default. */
  readonly port?: number;
  /** How the controller reaches it: over UDP by default. Phones take UDP anyhow. */
  readonly reachedBy?: 'udp' | 'tcp' | 'tls' | 'sips';
  /** Certificate that it shows over TLS, PEM files; without one it does not speak TLS. */
  readonly certificate?: { readonly keyFile: string; readonly certFile: string };
  /** Methods that are challenged also in a dialog; none by default. */
  readonly challengeInDialog?: readonly string[];
  /** Whether each nonce is good for one request only, the next being challenged with `stale=true`; not by default. */
  readonly oneTimeNonces?: boolean;
}

/** A request as the proxy saw it. */
export interface ProxiedRequest {
  /** `authenticated`: its credentials were right. Every request is also there as `request`, as received in. */
  readonly kind: 'request' | 'authenticated';
  readonly method: string;
  readonly callId: string;
  readonly cseq: number;
  readonly uri: string;
  /** URIs of From and To. */
  readonly from: string;
  readonly to: string;
  /** User name of its credentials, right or wrong. */
  readonly credentials: string | undefined;
  /** `host:port` */
  readonly source: string;
  /** Transport that it came over, for example `tls`. */
  readonly protocol: string;
  /** Value of the header field Reason (RFC 3326). */
  readonly reason: string | undefined;
}

/** Kamailio as a SIP domain's registrar and proxy: challenges with 407, record-routes, knows its users by password. */
export interface Kamailio {
  readonly domain: string;
  /** Over UDP and TCP. */
  readonly port: number;
  /** Where the controller reaches it. */
  readonly uri: string;
  /** What it saw so far, oldest first. */
  requests(): ProxiedRequest[];
  /** The first request that fits, seen already or within `timeoutMs` milliseconds. */
  waitForRequest(fits: (request: ProxiedRequest) => boolean, timeoutMs: number): Promise<ProxiedRequest>;
  /** Its log, for the message of a failure. */
  report(): string;
  /** Ends it at once, in the middle of whatever it does (SIGKILL). */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const template = new URL('../../../../test/fixtures/peers/kamailio.cfg', import.meta.url);

export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  // The one after it is for TLS.
  const port = options.port ?? (await freePorts(2));
  const { program, stop } = await runKamailio(await configuration(options, port), { shared: 16, perProcess: 4 });
  return {
    domain: options.domain,
    port,
    uri: uriOf(options.reachedBy, port),
    requests: () => program.lines.map(readRequest).filter((request) => request !== undefined),
    waitForRequest: async (fits, timeoutMs) =>
      await program.waitForLine(
        (line) => {
          const request = readRequest(line);
          return request && fits(request) ? request : undefined;
        },
        timeoutMs,
        'such request',
      ),
    report: () => program.report(),
    kill: async () => {
      program.kill();
      await stop();
    },
    stop,
  };
}

async function configuration(options: KamailioOptions, port: number): Promise<string> {
  const passwords = options.users.map(({ userName, password }) => `  $sht(passwords=>${userName}) = "${password}";`);
  const challenges = (options.challengeInDialog ?? []).map(
    (method) => `  if (is_method("${method}")) route(CHALLENGE);`,
  );
  const values: Readonly<Record<string, string>> = {
    PORT: String(port),
    DOMAIN: options.domain,
    LISTEN_TLS: options.certificate ? `enable_tls=yes\nlisten=tls:127.0.0.1:${port + 1}` : '',
    LOAD_TLS: options.certificate ? tlsModule(options.certificate) : '',
    ONE_TIME_NONCES: options.oneTimeNonces ? '1' : '0',
    PASSWORDS: passwords.join('\n'),
    CHALLENGES_IN_DIALOG: challenges.join('\n'),
  };
  const text = await readFile(template, 'utf8');
  return text.replaceAll(/@([A-Z_]+)@/g, (marker, name: string) => values[name] ?? marker);
}

function uriOf(reachedBy: KamailioOptions['reachedBy'], port: number): string {
  if (reachedBy === 'sips') return `sips:127.0.0.1:${port + 1}`;
  if (reachedBy === 'tls') return `sip:127.0.0.1:${port + 1};transport=tls`;
  return `sip:127.0.0.1:${port}${reachedBy === 'tcp' ? ';transport=tcp' : ''}`;
}

function tlsModule({ keyFile, certFile }: NonNullable<KamailioOptions['certificate']>): string {
  return [
    'loadmodule "tls.so"',
    'modparam("tls", "tls_method", "TLSv1.2+")',
    `modparam("tls", "private_key", "${keyFile}")`,
    `modparam("tls", "certificate", "${certFile}")`,
  ].join('\n');
}

/** Reads what the `xlog` lines of the configuration say about a request. */
function readRequest(line: string): ProxiedRequest | undefined {
  const found = /<script>: (REQUEST|AUTHENTICATED)\t(.*)/.exec(line);
  const [method, callId, cseq, uri, from, to, credentials, source, reason, protocol] = found?.[2]?.split('\t') ?? [];
  if (!found || !method || !callId || !cseq || !uri || !from || !to || !source || !protocol) return undefined;
  return {
    kind: found[1] === 'REQUEST' ? 'request' : 'authenticated',
    method,
    callId,
    cseq: Number(cseq),
    uri,
    from,
    to,
    credentials: optional(credentials),
    source,
    reason: optional(reason),
    protocol,
  };
}

function optional(text: string | undefined): string | undefined {
  return text === '<null>' ? undefined : text;
}
