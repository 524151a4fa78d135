import type { RequestListener } from 'node:http';
import createError from 'http-errors';
import type { Middleware } from 'koa';
import type { Counter, InsideListener } from '../../sdk/index.js';
import type { Directory } from '../accounts/directory.js';
import { ASK_PATH } from '../cluster/asks.js';
import { isUnspecified, reachable } from '../config/values.js';
import { errorCode } from '../config/files.js';
import type { Settings } from '../config/settings.js';
import { HttpMetrics, type ListenerName } from '../metrics/http-metrics.js';
import { countLogins, loginCounter } from '../metrics/login-metrics.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import type { ContainerLog } from '../log.js';
import { named } from '../opening.js';
import type { Readiness } from '../readiness.js';
import { fromNetworks, limitedPerAddress } from '../security/admission.js';
import { Authenticator } from '../security/authenticator.js';
import type { Certificates } from '../security/certificates.js';
import type { SharedLogins } from '../security/shared-logins.js';
import { LdapLogin } from '../security/ldap-login.js';
import { hostPort } from '../sip/message/host-port.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { application, page, pluginApplication } from './application.js';
import { readBody } from './body.js';
import { BrowserRules } from './browser-rules.js';
import { cataloguePage, CONSOLE } from './catalogue.js';
import { dispatch } from './dispatch.js';
import { HEALTH_PATHS, healthPages } from './health.js';
import { HttpListener, type ListenerOptions } from './listener.js';
import { publicApplication, remote } from './public-application.js';
import { type Refuse, refuseInXml } from './refusals.js';
import { refuseLikePlugins } from './refuse-request.js';
import { refuseLongBody, wholeRequest } from './whole-request.js';

export interface ListenersOptions {
  readonly settings: Settings;
  /** There when one of the listeners speaks TLS. */
  readonly certificates: Certificates | undefined;
  readonly directory: Directory;
  /** What `/diagnostics` shows. */
  readonly diagnostics: () => unknown;
  readonly readiness: Readiness;
  readonly metrics: MetricsRegistry;
  /** Serves what other nodes ask; undefined if this container is alone. */
  readonly nodeDoor?: () => RequestListener | undefined;
  /** Logins as all nodes know them. */
  readonly sharedLogins?: () => SharedLogins | undefined;
  readonly log: ContainerLog;
}

/**
 * The HTTP listeners: inside, inside once more for browsers, and outside. Whether a request came from inside or from outside is decided by
 * its connection: each has an application of its own.
 */
export class Listeners {
  /** What was opened, in order. */
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #http: HttpMetrics;
  readonly #logins: Counter;
  /** Until the plugins are loaded, the answer is that the container starts. */
  #insideHandler: RequestListener;
  #refuseInside: Refuse = refuseInXml;
  #hasConsole = false;
  readonly #browsers: BrowserRules;
  #inside: HttpListener | undefined;
  #web: HttpListener | undefined;
  #outside: HttpListener | undefined;
  /** The listener for other nodes, used if this process shares its other ports with them. */
  #own: HttpListener | undefined;

  private constructor(private readonly options: ListenersOptions) {
    this.#browsers = new BrowserRules(options.settings);
    this.#http = new HttpMetrics(options.metrics);
    this.#logins = loginCounter(options.metrics);
    this.#insideHandler = this.#pages('inside', STARTING_PATHS, [starting]);
  }

  /**
   * Opens the inside listeners, which tell of the start until the plugins are served.
   * @throws Error when one of them cannot be opened; none stays open then
   */
  static async open(options: ListenersOptions): Promise<Listeners> {
    const listeners = new Listeners(options);
    try {
      await listeners.#open();
    } catch (error) {
      await listeners.close();
      throw error;
    }
    return listeners;
  }

  /** Serves the plugins, also outside. @throws Error when the outside listener cannot be opened */
  async serve(plugins: readonly ServedPlugin[]): Promise<void> {
    this.#insideHandler = this.#servedInside(plugins);
    this.#refuseInside = refuseLikePlugins(plugins, this.options.log);
    this.#hasConsole = plugins.some(({ manifest }) => manifest.uriPrefix === CONSOLE);
    if (this.options.settings.publicHttpPort !== 0)
      this.#outside = await named('publicHttpPort', this.#openOutside(plugins));
  }

  get ports(): { readonly http: number; readonly web: number; readonly publicHttp: number } {
    return { http: this.#inside?.port ?? 0, web: this.#web?.port ?? 0, publicHttp: this.#outside?.port ?? 0 };
  }

  /** On the port for browsers where there is one, since `fetch` refuses the default of `httpPort` as they do. */
  get inside(): InsideListener {
    const { ipAddress, insideTls } = this.options.settings;
    const { http, web } = this.ports;
    return {
      url: `${insideTls ? 'https' : 'http'}://${hostPort(reachable(ipAddress), web === 0 ? http : web)}`,
      certificate: insideTls ? this.options.certificates?.current.cert : undefined,
    };
  }

  /** Where other nodes ask this one. */
  get forNodes(): InsideListener {
    const { inside } = this;
    const { ipAddress, advertisedAddress } = this.options.settings;
    const { protocol, port } = new URL(inside.url);
    const host = isUnspecified(ipAddress) ? (advertisedAddress ?? reachable(ipAddress)) : ipAddress;
    return { ...inside, url: `${protocol}//${hostPort(host, this.#own?.port ?? Number(port))}` };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
  }

  /** @param others what comes after the pages that are always there */
  #pages(listener: ListenerName, paths: ReadonlySet<string>, others: readonly Middleware[]): RequestListener {
    const { readiness, metrics, log } = this.options;
    const count = this.#http.step(listener, ({ path }) => (paths.has(path) ? path : undefined));
    return application([count, ...healthPages(readiness, metrics), ...others], log).callback();
  }

  async #open(): Promise<void> {
    const { settings } = this.options;
    const inside: RequestListener = (request, response) => this.#insideHandler(request, response);
    this.#inside = await named('httpPort', this.#openInside(settings.httpPort, inside));
    if (settings.webPort !== 0) this.#web = await named('webPort', this.#openWeb());
    if (settings.isWorker) this.#own = await this.#openInside(0, inside, true);
  }

  #servedInside(plugins: readonly ServedPlugin[]): RequestListener {
    const { diagnostics } = this.options;
    const manifests = plugins.map(({ manifest }) => manifest);
    const pages = [
      page('/', 'html', () => cataloguePage(manifests)),
      page('/catalogue', 'html', () => cataloguePage(manifests)),
      page('/diagnostics', 'json', () => JSON.stringify(diagnostics())),
    ];
    const door = this.options.nodeDoor?.();
    return dispatch(
      [
        ...(door ? [{ uriPrefix: ASK_PATH, handler: door }] : []),
        ...plugins.map((plugin) => ({
          uriPrefix: plugin.manifest.uriPrefix,
          handler: pluginApplication(plugin, [
            this.#http.step('inside'),
            refuseLongBody,
            wholeRequest,
            readBody(),
          ]).callback(),
        })),
      ],
      this.#pages('inside', INSIDE_PATHS, pages),
    );
  }

  /** A browser that opens `/` gets the console, if it is loaded. */
  readonly #webHandler: RequestListener = (request, response) => {
    if (request.url === '/' && this.#hasConsole) response.writeHead(302, { Location: CONSOLE }).end();
    else this.#insideHandler(request, response);
  };

  async #openInside(port: number, handler: RequestListener, isExclusive = false): Promise<HttpListener> {
    const { settings, log } = this.options;
    return this.#listen(port, handler, {
      certificates: settings.insideTls ? this.options.certificates : undefined,
      admits: fromNetworks(settings.insideNetworks, log),
      refuseRequest: (...refused) => this.#refuseInside(...refused),
      refusal: 'This address may not connect here: insideNetworks does not name it',
      isExclusive,
    });
  }

  /** Optional if the port is the default and in use by another program. */
  async #openWeb(): Promise<HttpListener | undefined> {
    const { settings, log } = this.options;
    try {
      return await this.#openInside(settings.webPort, this.#webHandler);
    } catch (error) {
      if (settings.isWebPortChosen || errorCode(error) !== 'EADDRINUSE') throw error;
      log.warn('No listener for browsers: another program has the port, webPort can name another', {
        webPort: settings.webPort,
      });
      return undefined;
    }
  }

  async #openOutside(plugins: readonly ServedPlugin[]): Promise<HttpListener> {
    const { settings, directory, log } = this.options;
    const ldap = settings.ldap && new LdapLogin(settings.ldap, settings.tls.ca, log);
    if (ldap) this.#closers.push(() => ldap.close());
    const authenticator = countLogins(
      new Authenticator({ directory, realm: settings.realm, ldap, log, shared: this.options.sharedLogins?.() }),
      this.#logins,
    );
    const count = this.#http.step('outside');
    const handler = publicApplication({ plugins, authenticator, accounts: directory, count, log });
    return this.#listen(settings.publicHttpPort, handler, {
      certificates: this.options.certificates,
      admits: limitedPerAddress(log),
      refuseRequest: refuseLikePlugins(remote(plugins), log),
    });
  }

  async #listen(port: number, handler: RequestListener, options: ListenerOptions): Promise<HttpListener> {
    const { settings, log } = this.options;
    const listener = await HttpListener.open(settings.ipAddress, port, handler, {
      browsers: this.#browsers,
      log,
      ...options,
    });
    this.#closers.push(() => listener.close());
    return listener;
  }
}

const STARTING_PATHS: ReadonlySet<string> = new Set(HEALTH_PATHS);
const INSIDE_PATHS: ReadonlySet<string> = new Set([...HEALTH_PATHS, '/', '/diagnostics']);

const starting: Middleware = () => {
  throw createError(503, 'The container is starting', { expose: true, headers: { 'Retry-After': '1' } });
};
