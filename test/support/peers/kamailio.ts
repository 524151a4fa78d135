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
  /** Transport between controller and proxy, by default UDP. Phones always use UDP. */
  readonly reachedBy?: 'udp' | 'tcp' | 'tls' | 'sips';
  /** Certificate for TLS, PEM files. Without a certificate the proxy does not speak TLS. */
  readonly certificate?: { readonly keyFile: string; readonly certFile: string };
  /** Methods that are also challenged in a dialog; none by default. */
  readonly challengeInDialog?: readonly string[];
  /** Whether each nonce is valid for one request only, and the next request is challenged with `stale=true`; not by default. */
  readonly oneTimeNonces?: boolean;
}

/** A request, as logged by the proxy. */
export interface ProxiedRequest {
  /** `authenticated`: the credentials were right. Every request is also listed as `request`, as received. */
  readonly kind: 'request' | 'authenticated';
  readonly method: string;
  readonly callId: string;
  readonly cseq: number;
  readonly uri: string;
  /** URIs of From and To. */
  readonly from: string;
  readonly to: string;
  /** User name of the credentials, right or wrong. */
  readonly credentials: string | undefined;
  /** `host:port` */
  readonly source: string;
  /** Transport of the request, for example `tls`. */
  readonly protocol: string;
  /** Value of the header field Reason (RFC 3326). */
  readonly reason: string | undefined;
}

/** Kamailio as a SIP domain's registrar and proxy: challenges with 407, record-routes, and checks passwords. */
export interface Kamailio {
  readonly domain: string;
  /** Over UDP and TCP. */
  readonly port: number;
  /** SIP URI of the proxy for the controller. */
  readonly uri: string;
  /** The requests so far, oldest first. */
  requests(): ProxiedRequest[];
  /** The first request that matches, past or within `timeoutMs` milliseconds. */
  waitForRequest(fits: (request: ProxiedRequest) => boolean, timeoutMs: number): Promise<ProxiedRequest>;
  /** The log, for the message of a failure. */
  report(): string;
  /** Kills the proxy (SIGKILL). */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const template = new URL('../../../../test/fixtures/peers/kamailio.cfg', import.meta.url);

export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  // The next port is for TLS.
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

/** Parses the `xlog` lines of the configuration. */
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
