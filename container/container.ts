import { setTimeout as delay } from 'node:timers/promises';
import type { InsideListener } from '../sdk/index.js';
import { Directory } from './accounts/directory.js';
import type { SipSecret } from './accounts/users.js';
import type { Settings } from './config/settings.js';
import { Cluster } from './cluster/cluster.js';
import { Pulse } from './cluster/pulse.js';
import { type Diagnostics, diagnoseProcess } from './diagnostics.js';
import { Listeners } from './http/listeners.js';
import type { ContainerLog } from './log.js';
import { measureLimits } from './metrics/limit-metrics.js';
import { measureProcess } from './metrics/process-metrics.js';
import { MetricsRegistry } from './metrics/registry.js';
import { SipMetrics } from './metrics/sip-metrics.js';
import { ContainerLoad } from './load.js';
import { named } from './opening.js';
import { Lifecycle } from './plugins/lifecycle.js';
import type { PluginError } from './plugins/plugin-error.js';
import { PluginHost } from './plugins/plugin-host.js';
import { checkPhase, type HealthCheck, Readiness } from './readiness.js';
import type { Certificates } from './security/certificates.js';
import { openCertificates, sipIdentity } from './security/tls.js';
import type { DigestSecret } from './sip/dialog/digest-value.js';
import { hostPort } from './sip/message/host-port.js';
import { SipStack } from './sip/stack.js';
import { version } from './version.js';

export interface Ports {
  readonly http: number;
  readonly web: number;
  readonly publicHttp: number;
  readonly sip: number;
  readonly sipTls: number;
}

/** Owns the user directory, the SIP stack, the plugins and the listeners; closes them in reverse order. */
export class Container {
  readonly #lifecycle = new Lifecycle();
  readonly #metrics: MetricsRegistry;
  readonly #readiness = new Readiness();
  /** What was opened, in order. */
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #load: ContainerLoad;
  #directory: Directory | undefined;
  #certificates: Certificates | undefined;
  #stack: SipStack | undefined;
  #plugins: PluginHost | undefined;
  #listeners: Listeners | undefined;
  /** Undefined if this container is alone. */
  #cluster: Cluster | undefined;
  readonly #pulse = new Pulse();
  #stopping: Promise<void> | undefined;
  #ports: Ports = { http: 0, web: 0, publicHttp: 0, sip: 0, sipTls: 0 };

  private constructor(
    private readonly settings: Settings,
    private readonly log: ContainerLog,
  ) {
    this.#metrics = new MetricsRegistry(log);
    this.#readiness.add('container', () => checkPhase(this.#lifecycle.phase));
    this.#readiness.add('plugins', () => checkPlugins(this.pluginFailures));
    this.#load = new ContainerLoad(settings.limits);
    measureLimits(this.#metrics, this.#load);
    this.#closers.push(async () => this.#load.close());
  }

  /**
   * Opens everything and starts the plugins. A plugin that fails is logged and left out.
   * @throws Error when a listener or the user directory cannot be opened, a plugin's settings are not as it wants them, or a
   *   plugin fails that the configuration requires; nothing stays open then
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

  /** Why plugins were left out on the start. */
  get pluginFailures(): readonly PluginError[] {
    return this.#plugins?.failures ?? [];
  }

  /** The name of the plugin whose code is in a stack. */
  pluginOf(stack: string): string | undefined {
    return this.#plugins?.pluginOf(stack);
  }

  /** @throws Error before the SIP stack is open */
  diagnostics(): Diagnostics {
    const { counts, port } = this.#sip;
    const certificate = this.#certificates?.state;
    return {
      phase: this.#lifecycle.phase,
      version: version(),
      node: this.#nodeName(port),
      plugins: this.#plugins?.states ?? [],
      limits: this.#load.use,
      users: this.#users.state,
      ...(certificate && { certificate }),
      ...diagnoseProcess(counts, this.#plugins?.cacheSizes ?? new Map()),
    };
  }

  /**
   * Takes no new calls, and lets finish what may: all that is being set up, and with `settings.drain` every call.
   * @returns when nothing of that is left, and after `settings.drainSeconds` at the latest
   */
  async drain(): Promise<void> {
    const { drain: keepsCalls, drainSeconds: seconds } = this.settings;
    this.#lifecycle.enter('draining');
    const drained = this.#plugins?.drain({ seconds, keepsCalls });
    const limit = new AbortController();
    const { signal } = limit;
    await Promise.race([drained, delay(seconds * 1000, undefined, { signal }).catch(() => undefined)]);
    limit.abort();
  }

  /**
   * Reads the users and certificates again, whether their files have changed or not, and takes the limits of another configuration.
   * What else differs needs a restart.
   */
  async reload({ limits }: Settings): Promise<void> {
    this.#load.limits = limits;
    await Promise.all([this.#directory?.reload(), this.#certificates?.reload()]);
  }

  /** Ends the plugins with their calls, then every socket. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  get #sip(): SipStack {
    if (!this.#stack) throw new Error(`The SIP stack is not open, the container is ${this.#lifecycle.phase}`);
    return this.#stack;
  }

  get #users(): Directory {
    if (!this.#directory) throw new Error(`The user directory is not read, the container is ${this.#lifecycle.phase}`);
    return this.#directory;
  }

  async #start(): Promise<void> {
    const { settings, log } = this;
    this.#lifecycle.enter('loading');
    const directory = await Directory.open(settings.users, {
      realm: settings.realm,
      domain: settings.sipxProxyDomain,
      log,
    });
    this.#directory = directory;
    this.#closers.push(async () => directory.close());
    this.#readiness.add('users', () => checkReload(directory.rejection));
    const stopMeasuring = measureProcess(this.#metrics);
    this.#closers.push(async () => stopMeasuring());

    const certificates = await openCertificates(settings, log);
    this.#certificates = certificates;
    if (certificates) {
      this.#closers.push(() => certificates.close());
      this.#readiness.add('certificate', () => checkReload(certificates.rejection));
    }
    const stack = await this.#openStack(directory, certificates);
    this.#stack = stack;
    this.#closers.push(() => stack.close());

    const listeners = await Listeners.open({
      settings,
      certificates,
      directory,
      diagnostics: () => this.diagnostics(),
      readiness: this.#readiness,
      metrics: this.#metrics,
      nodeDoor: () => this.#cluster?.door,
      sharedLogins: () => this.#cluster?.logins,
      log,
    });
    this.#listeners = listeners;
    this.#closers.push(() => listeners.close());

    await this.#openCluster(stack);
    const plugins = this.#newPluginHost(directory, stack);
    this.#plugins = plugins;
    this.#closers.push(() => plugins.stop());
    await plugins.load();
    this.#lifecycle.enter('starting');
    await plugins.start();

    // Closed before the plugins stop: from then on they serve nobody.
    this.#closers.push(() => listeners.close());
    await listeners.serve(plugins.served);
    this.#ports = { ...listeners.ports, sip: stack.port, sipTls: stack.tlsPort };
    this.#lifecycle.enter('ready');
    this.#cluster?.join();
  }

  async #end(): Promise<void> {
    this.#lifecycle.enter('stopping');
    for (const close of this.#closers.splice(0).toReversed()) {
      await close().catch((error: unknown) => this.log.error('Not closed cleanly', { error: String(error) }));
    }
    this.#lifecycle.enter('stopped');
  }

  async #openStack(directory: Directory, certificates: Certificates | undefined): Promise<SipStack> {
    const { settings, log } = this;
    const identityOf = await sipIdentity(settings.tls.ca);
    const isSecure = certificates !== undefined && settings.sipTlsPort !== 0;
    const opening = SipStack.open({
      host: settings.ipAddress,
      advertisedHost: settings.advertisedAddress,
      port: settings.sipPort,
      tls: isSecure ? { port: settings.sipTlsPort, identity: identityOf(certificates.current) } : undefined,
      t1Ms: settings.sipT1Ms,
      domain: settings.sipxProxyDomain,
      proxy: settings.sipProxy,
      resolvers: settings.resolver,
      onlyThroughProxy: settings.onlyThroughProxy,
      log,
      watch: new SipMetrics(this.#metrics),
      traceLog: log,
      gate: settings.redis && this.#pulse,
      isFull: () => this.#load.isFull,
      realms: [settings.realm, ...settings.sipRealms],
      secretOf: (account) => digestSecret(directory.secretOf(account), settings.realm),
    });
    const stack = await named(isSecure ? 'sipPort, sipTlsPort' : 'sipPort', opening);
    certificates?.on('changed', (pair) => stack.renew(identityOf(pair)));
    return stack;
  }

  /** Name of this container for others: host and SIP port. */
  #nodeName(sipPort: number): string {
    const { advertisedAddress, ipAddress } = this.settings;
    return hostPort(advertisedAddress ?? ipAddress, sipPort);
  }

  /** One attempt to reach Redis: the container starts without it too. */
  async #openCluster(stack: SipStack): Promise<void> {
    const { settings, log } = this;
    const { redis: address } = settings;
    if (!address) return;
    const name = this.#nodeName(stack.port);
    const { url, certificate = '' } = this.#listeners?.forNodes ?? this.#inside();
    const cluster = new Cluster({
      address,
      caFile: settings.tls.ca,
      self: { name, url, certificate },
      pulse: this.#pulse,
      log,
    });
    this.#cluster = cluster;
    this.#closers.push(() => cluster.close());
    this.#readiness.add('redis', () => cluster.check());
    await cluster.open();
  }

  #newPluginHost(accounts: Directory, stack: SipStack): PluginHost {
    const cluster = this.#cluster;
    return new PluginHost({
      settings: this.settings,
      accounts,
      metrics: this.#metrics,
      load: this.#load,
      log: this.log,
      sipFor: (user, log) => stack.forPlugin(user, log),
      phase: () => this.#lifecycle.phase,
      inside: () => this.#inside(),
      nodes: cluster && (() => cluster.callNodes),
      share: cluster && ((owner) => cluster.share(owner)),
      duty: cluster && ((name, holder) => cluster.duty(name, holder)),
    });
  }

  #inside(): InsideListener {
    if (!this.#listeners) throw new Error(`The container does not listen, it is ${this.#lifecycle.phase}`);
    return this.#listeners.inside;
  }
}

/** A stored HA1 is good for the realm that it was made for only. */
function digestSecret(secret: SipSecret | undefined, realm: string): DigestSecret | undefined {
  if (!secret) return undefined;
  const { userName, password, ha1 } = secret;
  if (password !== undefined) return { userName, password };
  return ha1 === undefined ? undefined : { userName, ha1: { realm, value: ha1 } };
}

function checkPlugins(failures: readonly PluginError[]): HealthCheck {
  if (failures.length === 0) return { status: 'pass' };
  const names = new Set(failures.map(({ plugin }) => plugin));
  return { status: 'warn', output: `left out: ${[...names].join(', ')}` };
}

/** @param rejection why the newest version of a file is not in use */
function checkReload(rejection: string | undefined): HealthCheck {
  return rejection === undefined ? { status: 'pass' } : { status: 'warn', output: `kept as it was: ${rejection}` };
}
