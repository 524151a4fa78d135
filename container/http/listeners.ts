import type { RequestListener } from 'node:http';
import createError from 'http-errors';
import type { Middleware } from 'koa';
import type { Counter, InsideListener, Log } from '../../sdk/index.js';
import type { Directory } from '../accounts/directory.js';
import type { Settings } from '../config/settings.js';
import { HttpMetrics, type ListenerName } from '../metrics/http-metrics.js';
import { countLogins, loginCounter } from '../metrics/login-metrics.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import { named } from '../opening.js';
import type { Readiness } from '../readiness.js';
import { fromNetworks, limitedPerAddress } from '../security/admission.js';
import { Authenticator } from '../security/authenticator.js';
import type { Certificates } from '../security/certificates.js';
import { LdapLogin } from '../security/ldap-login.js';
import { hostPort } from '../sip/message/host-port.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { application, page, pluginApplication } from './application.js';
import { readBody } from './body.js';
import { cataloguePage } from './catalogue.js';
import { dispatch } from './dispatch.js';
import { HEALTH_PATHS, healthPages } from './health.js';
import { HttpListener, type ListenerOptions } from './listener.js';
import { publicApplication } from './public-application.js';
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
  readonly log: Log;
}

/** The two HTTP listeners. Which of them a request came to is decided by its connection: each has an application of its own. */
export class Listeners {
  /** What was opened, in order. */
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #http: HttpMetrics;
  readonly #logins: Counter;
  /** Before the plugins are there, the container says that it starts. */
  #insideHandler: RequestListener;
  #inside: HttpListener | undefined;
  #outside: HttpListener | undefined;

  private constructor(private readonly options: ListenersOptions) {
    this.#http = new HttpMetrics(options.metrics);
    this.#logins = loginCounter(options.metrics);
    this.#insideHandler = this.#pages('inside', STARTING_PATHS, [starting]);
  }

  /**
   * Opens the inside listener, which tells of the start until the plugins are served.
   * @throws Error when it cannot be opened
   */
  static async open(options: ListenersOptions): Promise<Listeners> {
    const listeners = new Listeners(options);
    listeners.#inside = await named('httpPort', listeners.#openInside());
    return listeners;
  }

  /** Serves the plugins, also outside. @throws Error when the outside listener cannot be opened */
  async serve(plugins: readonly ServedPlugin[]): Promise<void> {
    this.#insideHandler = this.#servedInside(plugins);
    if (this.options.settings.publicHttpPort !== 0)
      this.#outside = await named('publicHttpPort', this.#openOutside(plugins));
  }

  get ports(): { readonly http: number; readonly publicHttp: number } {
    return { http: this.#inside?.port ?? 0, publicHttp: this.#outside?.port ?? 0 };
  }

  get inside(): InsideListener {
    const { ipAddress, insideTls } = this.options.settings;
    return {
      url: `${insideTls ? 'https' : 'http'}://${hostPort(ipAddress, this.ports.http)}`,
      certificate: insideTls ? this.options.certificates?.current.cert : undefined,
    };
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

  #servedInside(plugins: readonly ServedPlugin[]): RequestListener {
    const { diagnostics } = this.options;
    const manifests = plugins.map(({ manifest }) => manifest);
    const pages = [
      page('/', 'html', () => cataloguePage(manifests)),
      page('/diagnostics', 'json', () => JSON.stringify(diagnostics())),
    ];
    return dispatch(
      plugins.map((plugin) => ({
        uriPrefix: plugin.manifest.uriPrefix,
        handler: pluginApplication(plugin, [
          this.#http.step('inside'),
          refuseLongBody,
          wholeRequest,
          readBody(),
        ]).callback(),
      })),
      this.#pages('inside', INSIDE_PATHS, pages),
    );
  }

  async #openInside(): Promise<HttpListener> {
    const { settings, log } = this.options;
    const handler: RequestListener = (request, response) => this.#insideHandler(request, response);
    return this.#listen(settings.httpPort, handler, {
      certificates: settings.insideTls ? this.options.certificates : undefined,
      admits: fromNetworks(settings.insideNetworks, log),
    });
  }

  async #openOutside(plugins: readonly ServedPlugin[]): Promise<HttpListener> {
    const { settings, directory, log } = this.options;
    const ldap = settings.ldap && new LdapLogin(settings.ldap, settings.tls.ca, log);
    if (ldap) this.#closers.push(() => ldap.close());
    const authenticator = countLogins(new Authenticator({ directory, realm: settings.realm, ldap, log }), this.#logins);
    const count = this.#http.step('outside');
    const handler = publicApplication({ plugins, authenticator, accounts: directory, count, log });
    return this.#listen(settings.publicHttpPort, handler, {
      certificates: this.options.certificates,
      admits: limitedPerAddress(log),
    });
  }

  async #listen(port: number, handler: RequestListener, options: ListenerOptions): Promise<HttpListener> {
    const listener = await HttpListener.open(this.options.settings.ipAddress, port, handler, options);
    this.#closers.push(() => listener.close());
    return listener;
  }
}

const STARTING_PATHS: ReadonlySet<string> = new Set(HEALTH_PATHS);
const INSIDE_PATHS: ReadonlySet<string> = new Set([...HEALTH_PATHS, '/', '/diagnostics']);

const starting: Middleware = () => {
  throw createError(503, 'The container is starting', { expose: true, headers: { 'Retry-After': '1' } });
};
