import type { RequestListener } from 'node:http';
import type { InsideListener, Log } from '../../sdk/index.js';
import type { Directory } from '../accounts/directory.js';
import { errorCode } from '../config/files.js';
import type { Settings } from '../config/settings.js';
import { named } from '../opening.js';
import { fromNetworks, limitedPerAddress } from '../security/admission.js';
import { Authenticator } from '../security/authenticator.js';
import type { Certificates } from '../security/certificates.js';
import { LdapLogin } from '../security/ldap-login.js';
import { hostPort } from '../sip/message/host-port.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { application, page, pluginApplication } from './application.js';
import { readBody } from './body.js';
import { BrowserRules } from './browser-rules.js';
import { cataloguePage } from './catalogue.js';
import { dispatch } from './dispatch.js';
import { HttpListener, type ListenerOptions } from './listener.js';
import { publicApplication } from './public-application.js';
import { refuseLongBody, wholeRequest } from './whole-request.js';

export interface ListenersOptions {
  readonly settings: Settings;
  /** There when one of the listeners speaks TLS. */
  readonly certificates: Certificates | undefined;
  readonly directory: Directory;
  readonly plugins: readonly ServedPlugin[];
  /** What `/diagnostics` shows. */
  readonly diagnostics: () => unknown;
  readonly log: Log;
}

/**
 * The HTTP listeners: inside, inside once more for browsers, and outside. Whether a request came from inside or from outside is decided by
 * its connection: each has an application of its own.
 */
export class Listeners {
  /** What was opened, in order. */
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #browsers: BrowserRules;
  #inside: HttpListener | undefined;
  #web: HttpListener | undefined;
  #outside: HttpListener | undefined;

  private constructor(private readonly options: ListenersOptions) {
    this.#browsers = new BrowserRules(options.settings);
  }

  /** @throws Error when one of them cannot be opened; none stays open then */
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

  get ports(): { readonly http: number; readonly web: number; readonly publicHttp: number } {
    return { http: this.#inside?.port ?? 0, web: this.#web?.port ?? 0, publicHttp: this.#outside?.port ?? 0 };
  }

  /** On the port for browsers where there is one, since `fetch` refuses the default of `httpPort` as they do. */
  get inside(): InsideListener {
    const { ipAddress, insideTls } = this.options.settings;
    const { http, web } = this.ports;
    return {
      url: `${insideTls ? 'https' : 'http'}://${hostPort(ipAddress, web === 0 ? http : web)}`,
      certificate: insideTls ? this.options.certificates?.current.cert : undefined,
    };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
  }

  async #open(): Promise<void> {
    const { settings } = this.options;
    const inside = this.#insideHandler();
    this.#inside = await named('httpPort', this.#openInside(settings.httpPort, inside));
    if (settings.webPort !== 0) this.#web = await named('webPort', this.#openWeb(inside));
    if (settings.publicHttpPort !== 0) this.#outside = await named('publicHttpPort', this.#openOutside());
  }

  #insideHandler(): RequestListener {
    const { plugins, diagnostics, log } = this.options;
    const manifests = plugins.map(({ manifest }) => manifest);
    const pages = [
      page('/', 'html', () => cataloguePage(manifests)),
      page('/diagnostics', 'json', () => JSON.stringify(diagnostics())),
    ];
    return dispatch(
      plugins.map((plugin) => ({
        uriPrefix: plugin.manifest.uriPrefix,
        handler: pluginApplication(plugin, [refuseLongBody, wholeRequest, readBody()]).callback(),
      })),
      application(pages, log).callback(),
    );
  }

  async #openInside(port: number, handler: RequestListener): Promise<HttpListener> {
    const { settings, log } = this.options;
    return this.#listen(port, handler, {
      certificates: settings.insideTls ? this.options.certificates : undefined,
      admits: fromNetworks(settings.insideNetworks, log),
    });
  }

  /** The container does without it where nobody has asked for its port and another program has it. */
  async #openWeb(handler: RequestListener): Promise<HttpListener | undefined> {
    const { settings, log } = this.options;
    try {
      return await this.#openInside(settings.webPort, handler);
    } catch (error) {
      if (settings.isWebPortChosen || errorCode(error) !== 'EADDRINUSE') throw error;
      log.warn('No listener for browsers: another program has the port, webPort can name another', {
        webPort: settings.webPort,
      });
      return undefined;
    }
  }

  async #openOutside(): Promise<HttpListener> {
    const { settings, plugins, directory, log } = this.options;
    const ldap = settings.ldap && new LdapLogin(settings.ldap, settings.tls.ca, log);
    if (ldap) this.#closers.push(() => ldap.close());
    const authenticator = new Authenticator({ directory, realm: settings.realm, ldap, log });
    const handler = publicApplication({ plugins, authenticator, accounts: directory, log });
    return this.#listen(settings.publicHttpPort, handler, {
      certificates: this.options.certificates,
      admits: limitedPerAddress(log),
    });
  }

  async #listen(port: number, handler: RequestListener, options: ListenerOptions): Promise<HttpListener> {
    const { settings } = this.options;
    const listener = await HttpListener.open(settings.ipAddress, port, handler, {
      browsers: this.#browsers,
      ...options,
    });
    this.#closers.push(() => listener.close());
    return listener;
  }
}
