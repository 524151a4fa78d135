import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isIPv4 } from 'node:net';
import { hostname } from 'node:os';
import type { Settings } from '../config/settings.js';
import { type Refuse, refuseInXml } from './refusals.js';

/** How long a browser may keep the answer to a preflight request. */
const PREFLIGHT_SECONDS = 600;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** Header fields of an answer that a page of `webOrigins` may read, beside those that every page may. */
const READABLE = 'Allow, ETag, Idempotent-Replayed, Link, Location, Retry-After, X-Request-Id';
const FIELD_NAMES = /^[\w-]+(?:\s*,\s*[\w-]+)*$/;

/**
 * What browsers may do. They send requests for any page, even one that has nothing to do with this container. Such a page must not place
 * a call, nor read an answer by a host name of its own that points here (DNS rebinding). Other clients pass.
 */
export class BrowserRules {
  readonly #domain: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor(
    settings: Pick<Settings, 'ipAddress' | 'advertisedAddress' | 'sipxProxyDomain' | 'webHosts' | 'webOrigins'>,
  ) {
    const { ipAddress, advertisedAddress, sipxProxyDomain, webHosts, webOrigins } = settings;
    const ownName = hostname().toLowerCase();
    this.#domain = sipxProxyDomain.toLowerCase();
    this.#hosts = new Set([
      ipAddress.toLowerCase(),
      advertisedAddress.toLowerCase(),
      this.#domain,
      ownName,
      ownName.replace(/\..*/, ''),
      ...webHosts.map((host) => host.toLowerCase()),
    ]);
    this.#origins = new Set(webOrigins);
  }

  /**
   * Answers a browser's request that must not go further: a foreign host, another site, or a preflight.
   * @param refuse writes the error
   * @returns whether it did
   */
  refuse(request: IncomingMessage, response: ServerResponse, refuse: Refuse = refuseInXml): boolean {
    const { headers, method } = request;
    if (!isFromBrowser(headers)) return false;
    const url = requestedUrl(request);
    if (!url || !this.#isOwnHost(url.hostname, request.socket.localAddress)) {
      refuse(request, response, {
        status: 421,
        text: 'This host name is none of this container: webHosts can name it',
      });
      return true;
    }
    const { origin } = headers;
    if (origin !== undefined && this.#origins.has(origin)) {
      allow(origin, response);
      return isPreflight(request) && answerPreflight(headers, response);
    }
    if (method === 'GET' || method === 'HEAD' || !isOfAnotherSite(headers, url.origin)) return false;
    refuse(request, response, { status: 403, text: 'This page is of another site: webOrigins can name it' });
    return true;
  }

  /** Whether a host name belongs to this container. The address that a client has connected to always does. */
  #isOwnHost(host: string, localAddress = ''): boolean {
    const name = host.replace(/^\[|\]$|\.$/g, '');
    return (
      this.#hosts.has(name) ||
      name.endsWith(`.${this.#domain}`) ||
      isLoopback(name) ||
      name === localAddress.replace(/^::ffff:/, '')
    );
  }
}

/**
 * Browsers send `Sec-Fetch-…` with each request, but to hosts that they trust (HTTPS, loopback) only, and `Origin` with what changes
 * something. They always send `Accept-Language`, which no page can suppress. Node's `fetch` sends `Sec-Fetch-Mode: cors` and
 * `Accept-Language: *`, and is not a browser.
 */
function isFromBrowser(headers: IncomingHttpHeaders): boolean {
  const { origin, 'accept-language': language = '*' } = headers;
  return (
    origin !== undefined ||
    language !== '*' ||
    headers['sec-fetch-site'] !== undefined ||
    headers['sec-fetch-dest'] !== undefined ||
    (headers['sec-fetch-mode'] ?? 'cors') !== 'cors'
  );
}

function isOfAnotherSite({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders, own: string): boolean {
  return site === 'cross-site' || site === 'same-site' || (origin !== undefined && origin !== own);
}

/** Scheme, host and port of a request. */
function requestedUrl({ headers: { host = '' }, socket }: IncomingMessage): URL | undefined {
  const text = `${'encrypted' in socket ? 'https' : 'http'}://${host}`;
  return /^[^@/?#\\]+$/.test(host) && URL.canParse(text) ? new URL(text) : undefined;
}

function isLoopback(name: string): boolean {
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
  );
}

/** Fetch standard, "CORS protocol". */
function allow(origin: string, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Access-Control-Expose-Headers', READABLE);
  response.setHeader('Vary', 'Origin');
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function answerPreflight(
  { 'access-control-request-headers': fields = '' }: IncomingHttpHeaders,
  response: ServerResponse,
) {
  response.setHeader('Access-Control-Allow-Methods', METHODS);
  if (FIELD_NAMES.test(fields)) response.setHeader('Access-Control-Allow-Headers', fields);
  response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
  response.writeHead(204).end();
  return true;
}
