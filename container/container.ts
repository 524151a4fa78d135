import { fileURLToPath } from 'node:url';
import type { Accounts, InsideListener, Log, Plugin } from '../sdk/index.js';
import { Directory } from './accounts/directory.js';
import type { SipSecret } from './accounts/users.js';
import { isPluginEnabled } from './config/plugins.js';
import type { Settings } from './config/settings.js';
import { type Diagnostics, diagnose } from './diagnostics.js';
import { Listeners } from './http/listeners.js';
import type { ContainerLog } from './log.js';
import { named } from './opening.js';
import { type DiscoveredPlugin, discover } from './plugins/discovery.js';
import { load, run } from './plugins/loader.js';
import { PluginSdk } from './plugins/plugin-sdk.js';
import { shareModules } from './plugins/shared-modules.js';
import type { Certificates } from './security/certificates.js';
import { openCertificates, sipIdentity } from './security/tls.js';
import type { DigestSecret } from './sip/digest.js';
import { SipStack } from './sip/stack.js';

/** The folder of the plugins that come with the container. */
const BUILT_IN_PLUGINS = fileURLToPath(new URL('../plugins', import.meta.url));

interface LoadedPlugin {
  readonly discovered: DiscoveredPlugin;
  readonly sdk: PluginSdk;
  readonly instance: Plugin;
}

export interface Ports {
  readonly http: number;
  readonly publicHttp: number;
  readonly sip: number;
  readonly sipTls: number;
}

/** The plugin host: it owns the listeners, the SIP stack, the user directory and the plugins, and ends them in reverse order. */
export class Container {
  readonly #plugins: LoadedPlugin[] = [];
  /** What was opened, in order. */
  readonly #closers: (() => Promise<void>)[] = [];
  #stack: SipStack | undefined;
  #listeners: Listeners | undefined;
  #ports: Ports = { http: 0, publicHttp: 0, sip: 0, sipTls: 0 };

  private constructor(
    private readonly settings: Settings,
    private readonly log: ContainerLog,
  ) {}

  /**
   * Opens everything and starts the plugins. A plugin that fails is logged and left out.
   * @throws Error when a listener or the user directory cannot be opened, or a plugin's settings are not as it wants them;
   *   nothing stays open then
   */
  static async start(settings: Settings, log: ContainerLog): Promise<Container> {
    const container = new Container(settings, log);
    try {
      await container.#start();
    } catch (error) {
      await container.stop();
      throw error;
    }
    return container;
  }

  get ports(): Ports {
    return this.#ports;
  }

  diagnostics(): Diagnostics {
    return diagnose(this.#sip.counts, this.#cacheSizes());
  }

  /** Ends the plugins with their calls, then every socket. */
  async stop(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) {
      await close().catch((error: unknown) => this.log.error('Not closed cleanly', { error: String(error) }));
    }
  }

  get #sip(): SipStack {
    if (!this.#stack) throw new Error('The container is not started');
    return this.#stack;
  }

  async #start(): Promise<void> {
    const { settings, log } = this;
    const directory = await Directory.open(settings.users, {
      realm: settings.realm,
      domain: settings.sipxProxyDomain,
      log,
    });
    this.#closers.push(async () => directory.close());

    const certificates = await openCertificates(settings, log);
    if (certificates) this.#closers.push(() => certificates.close());
    const stack = await this.#openStack(directory, certificates);
    this.#stack = stack;
    this.#closers.push(() => stack.close());

    await this.#loadPlugins(directory);

    const listeners = await this.#listen(directory, certificates);
    this.#listeners = listeners;
    this.#closers.push(() => listeners.close());
    this.#ports = { ...listeners.ports, sip: stack.port, sipTls: stack.tlsPort };
  }

  async #openStack(directory: Directory, certificates: Certificates | undefined): Promise<SipStack> {
    const { settings, log } = this;
    const identityOf = await sipIdentity(settings.tls.ca);
    const isSecure = certificates !== undefined && settings.sipTlsPort !== 0;
    const opening = SipStack.open({
      host: settings.ipAddress,
      port: settings.sipPort,
      tls: isSecure ? { port: settings.sipTlsPort, identity: identityOf(certificates.current) } : undefined,
      t1Ms: settings.sipT1Ms,
      domain: settings.sipxProxyDomain,
      proxy: settings.sipProxy,
      resolvers: settings.resolver,
      log,
      secretOf: (account) => digestSecret(directory.secretOf(account), settings.realm),
    });
    const stack = await named(isSecure ? 'sipPort, sipTlsPort' : 'sipPort', opening);
    certificates?.on('changed', (pair) => stack.renew(identityOf(pair)));
    return stack;
  }

  async #loadPlugins(accounts: Accounts): Promise<void> {
    shareModules();
    const folders = [BUILT_IN_PLUGINS, ...this.settings.pluginDir];
    const { plugins, errors, names } = await discover(folders, (name) => isPluginEnabled(this.settings, name));
    for (const error of errors) this.#logFailure(error);
    for (const [key, name] of this.#namedPlugins())
      if (!names.has(name)) this.log.error(`${key}: expected the name of a plugin, found "${name}"`, { folders });

    const built: LoadedPlugin[] = [];
    for (const plugin of plugins) await this.#build(plugin, accounts, built);
    this.#closers.push(() => this.#stopPlugins());
    for (const plugin of built) await this.#startPlugin(plugin);
  }

  /** The plugins that the administrator wrote down, and where: one that does not exist is a slip of the pen. */
  #namedPlugins(): [key: string, name: string][] {
    const { plugins, pluginNames = [] } = this.settings;
    const configured = Object.keys(plugins).filter((name) => plugins[name] !== false);
    return [
      ...configured.map((name): [string, string] => ['plugins', name]),
      ...pluginNames.map((name): [string, string] => ['SIPXREST_PLUGINS', name]),
    ];
  }

  async #build(discovered: DiscoveredPlugin, accounts: Accounts, built: LoadedPlugin[]): Promise<void> {
    const { manifest } = discovered;
    const log: Log = this.log.child({ plugin: manifest.name });
    const sdk = new PluginSdk({
      manifest,
      accounts,
      log,
      sip: this.#sip.forPlugin(manifest.sipConvergenceName, log),
      settings: this.settings.plugins[manifest.name] || {},
      caFile: this.settings.tls.ca,
      requestTimeoutMs: this.settings.requestTimeoutMs,
      inside: () => this.#inside(),
    });
    this.#closers.push(() => sdk.close());
    try {
      built.push({ discovered, sdk, instance: await load(discovered, sdk) });
    } catch (error) {
      await sdk.close();
      this.#leaveOut(sdk, error);
    }
  }

  async #startPlugin(plugin: LoadedPlugin): Promise<void> {
    const { discovered, sdk, instance } = plugin;
    const { name, uriPrefix } = discovered.manifest;
    try {
      await run(discovered, 'start', instance);
      this.#plugins.push(plugin);
      this.log.info('Plugin loaded', { plugin: name, uriPrefix });
    } catch (error) {
      await sdk.close();
      this.#leaveOut(sdk, error);
    }
  }

  /** In the order of their start: the sandbox's telephones come last, and hear the others hang up. */
  async #stopPlugins(): Promise<void> {
    for (const { discovered, instance } of this.#plugins)
      await run(discovered, 'stop', instance).catch((error: unknown) => this.#logFailure(error));
  }

  /** One bad plugin does not take the others down; a bad value in the configuration does, as any other. */
  #leaveOut({ settingsError }: PluginSdk, error: unknown): void {
    if (settingsError !== undefined) throw settingsError;
    this.#logFailure(error);
  }

  #logFailure(error: unknown): void {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    this.log.error(message, cause instanceof Error ? { stack: cause.stack } : {});
  }

  #inside(): InsideListener {
    if (!this.#listeners) throw new Error('The container does not listen yet');
    return this.#listeners.inside;
  }

  async #listen(directory: Directory, certificates: Certificates | undefined): Promise<Listeners> {
    return Listeners.open({
      settings: this.settings,
      certificates,
      directory,
      plugins: this.#plugins.map(({ discovered, sdk, instance }) => ({
        manifest: discovered.manifest,
        routes: sdk.routes,
        instance,
        log: sdk.log,
        answerLimitMs: sdk.answerLimitMs,
      })),
      diagnostics: () => this.diagnostics(),
      log: this.log,
    });
  }

  #cacheSizes(): Map<string, number> {
    return new Map(
      this.#plugins.flatMap(({ discovered, sdk }) =>
        [...sdk.cacheSizes].map(([name, size]): [string, number] => [`${discovered.manifest.name}.${name}`, size]),
      ),
    );
  }
}

/** A stored HA1 is good for the realm that it was made for only. */
function digestSecret(secret: SipSecret | undefined, realm: string): DigestSecret | undefined {
  if (!secret) return undefined;
  const { userName, password, ha1 } = secret;
  if (password !== undefined) return { userName, password };
  return ha1 === undefined ? undefined : { userName, ha1: { realm, value: ha1 } };
}
