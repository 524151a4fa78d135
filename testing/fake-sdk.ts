// Plugins with tsyringe's decorators are loaded behind this module.
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Router from '@koa/router';
import createError from 'http-errors';
import type { z } from 'zod';
import { slicesOf } from '../container/accounts/entries.js';
import { SecretKeeper } from '../container/accounts/secret-keeper.js';
import { Snapshot } from '../container/accounts/snapshot.js';
import { usersSchema } from '../container/accounts/users.js';
import { withDefaults } from '../container/config/limits.js';
import { pluginApplication } from '../container/http/application.js';
import { readBody } from '../container/http/body.js';
import { HttpListener } from '../container/http/listener.js';
import { publicApplication } from '../container/http/public-application.js';
import { refuseLongBody, wholeRequest } from '../container/http/whole-request.js';
import { idleLoad } from '../container/load.js';
import { MetricsRegistry } from '../container/metrics/registry.js';
import type { Phase } from '../container/plugins/lifecycle.js';
import { PluginSdk } from '../container/plugins/plugin-sdk.js';
import { SipStack } from '../container/sip/stack.js';
import {
  type Account,
  type Accounts,
  type Cache,
  type CacheOptions,
  type InsideListener,
  type Load,
  type Metrics,
  type Plugin,
  Sdk,
  type ServiceToken,
  type Sip,
  type TraceLog,
} from '../sdk/index.js';
import { FakeLog } from './fake-log.js';

const HOST = '127.0.0.1';
const DOMAIN = 'example.com';
const NAME = 'plugin';
/** How long a handler may take, in milliseconds. */
const ANSWER_LIMIT_MS = 10_000;
const T1_MS = 500;
/** Nobody listens there: what is sent is answered 503 by the stack. */
const NOWHERE = `sip:${HOST}:9;lr`;
/** Says as whom a request of a test is logged in. */
const USER_HEADER = 'x-fake-user';

/** A user of the domain, as the users file has it. */
export interface FakeUser {
  readonly userName: string;
  /** By default `userName@example.com`. */
  readonly identity?: string;
  readonly displayName?: string;
  readonly aliases?: readonly string[];
  /** Answers SIP challenges of the realm `example.com`. */
  readonly sipPassword?: string;
}

export interface FakeSdkOptions {
  /** By default `/plugin`. */
  readonly uriPrefix?: string;
  /** User part of the plugin's SIP address, by default `plugin`. */
  readonly sipConvergenceName?: string;
  /** What `sdk.config` checks. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly users?: readonly FakeUser[];
  /** SIP URI of the domain's proxy, as a rule that of a {@link SipPeer}. Without it nothing can be sent: 503. */
  readonly sipProxy?: string;
}

/** A request as `fetch` takes it, and who has logged in. */
export interface FakeRequest extends RequestInit {
  /** User name of who has logged in, outside; `agentOf` is asked then. Without it the request comes from inside. */
  readonly user?: string;
}

/**
 * An SDK for the tests of a plugin, without a container. HTTP goes through the same steps as in the container, SIP through the same
 * stack, on a free port of 127.0.0.1; users, settings and the log are the test's, and so is the data folder, which is removed at the end.
 */
export class FakeSdk extends Sdk {
  readonly log: FakeLog;
  readonly #own: PluginSdk;
  readonly #stack: SipStack;
  readonly #uriPrefix: string;
  readonly #dataDir: string;
  readonly #provided: Map<ServiceToken<object>, object>;
  readonly #enter: (phase: Phase) => void;
  #plugin: Plugin | undefined;
  #listener: HttpListener | undefined;

  private constructor(parts: Parts) {
    super();
    this.log = parts.log;
    this.#own = parts.own;
    this.#stack = parts.stack;
    this.#uriPrefix = parts.uriPrefix;
    this.#dataDir = parts.dataDir;
    this.#provided = parts.provided;
    this.#enter = parts.enter;
  }

  /** @throws Error when a user is not as the users file may have it */
  static async open(options: FakeSdkOptions = {}): Promise<FakeSdk> {
    const {
      uriPrefix = `/${NAME}`,
      sipConvergenceName = NAME,
      settings = {},
      users = [],
      sipProxy = NOWHERE,
    } = options;
    const log = new FakeLog();
    const secrets = new SecretKeeper();
    const home = { realm: DOMAIN, domain: DOMAIN };
    const accounts = await Snapshot.of(slicesOf(usersSchema.parse(users), home), secrets, 'users of the test');
    const stack = await SipStack.open({
      host: HOST,
      port: 0,
      t1Ms: T1_MS,
      domain: DOMAIN,
      proxy: sipProxy,
      log,
      secretOf: (account) => {
        const { userName, password } = secrets.get(account)?.sip ?? {};
        return userName === undefined || password === undefined ? undefined : { userName, password };
      },
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'sipxrest-testing-'));
    const provided = new Map<ServiceToken<object>, object>();
    let phase: Phase = 'loading';
    const own = new PluginSdk({
      plugin: { manifest: manifestOf(uriPrefix, sipConvergenceName), file: 'package.json', module: 'index.js' },
      sip: stack.forPlugin(sipConvergenceName, log),
      accounts,
      load: idleLoad(withDefaults({})),
      log,
      traceLog: { isTraced: false, trace: () => undefined },
      metrics: new MetricsRegistry(log),
      settings,
      settingsKey: NAME,
      dataDir,
      requestTimeoutMs: ANSWER_LIMIT_MS,
      phase: () => phase,
      inside: () => ({ url: sdk.#url }),
      provide: (token, value) => void provided.set(token, value),
    });
    const enter = (next: Phase): void => void (phase = next);
    const sdk: FakeSdk = new FakeSdk({ log, own, stack, uriPrefix, dataDir, provided, enter });
    return sdk;
  }

  /**
   * Builds the plugin, starts it and serves it, as the container does.
   * @param make its constructor, `(sdk) => new Greet(sdk)`; what else that takes the test brings
   */
  async start<P extends Plugin>(make: (sdk: Sdk) => P): Promise<P> {
    const plugin = make(this);
    this.#plugin = plugin;
    this.#enter('starting');
    await plugin.start?.();
    this.#listener = await HttpListener.open(HOST, 0, this.#handler(plugin));
    this.#enter('ready');
    return plugin;
  }

  /** Sends a request to the plugin. @param path with the plugin's `uriPrefix`, and the query if there is one */
  async fetch(path: string, { user, ...init }: FakeRequest = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (user !== undefined) headers.set(USER_HEADER, user);
    return fetch(`${this.#url}${path}`, { ...init, headers });
  }

  /** What the plugin has provided under a token. */
  provided<T extends object>(token: ServiceToken<T>): T | undefined {
    return this.#provided.get(token) as T | undefined;
  }

  /** Stops the plugin, and ends all that it has made through the SDK. */
  async close(): Promise<void> {
    this.#enter('stopping');
    await this.#listener?.close();
    await this.#plugin?.stop?.();
    await this.#own.close();
    await this.#stack.close();
    await rm(this.#dataDir, { recursive: true });
  }

  get routes(): Router {
    return this.#own.routes;
  }

  get sip(): Sip {
    return this.#own.sip;
  }

  get accounts(): Accounts {
    return this.#own.accounts;
  }

  get load(): Load {
    return this.#own.load;
  }

  get traceLog(): TraceLog {
    return this.#own.traceLog;
  }

  get metrics(): Metrics {
    return this.#own.metrics;
  }

  get caFile(): undefined {
    return undefined;
  }

  get dataDir(): string {
    return this.#own.dataDir;
  }

  inside(): InsideListener {
    return this.#own.inside();
  }

  /** As in a container that is alone. */
  nodes(): undefined {
    return undefined;
  }

  /** As in a container that is alone. */
  share(): undefined {
    return undefined;
  }

  /** As in a container that is alone. */
  duty(): undefined {
    return undefined;
  }

  answerWithin(limitMs: number): void {
    this.#own.answerWithin(limitMs);
  }

  cache<V>(name: string, options: CacheOptions<V>): Cache<V> {
    return this.#own.cache(name, options);
  }

  provide<T extends object>(token: ServiceToken<T>, value: T): void {
    this.#own.provide(token, value);
  }

  config<S extends z.ZodType>(schema: S): z.output<S> {
    return this.#own.config(schema);
  }

  get #url(): string {
    if (!this.#listener) throw new Error('The plugin is not served before `start`');
    return `http://${HOST}:${this.#listener.port}`;
  }

  #handler(instance: Plugin): RequestListener {
    const { routes, log, answerLimitMs, accounts } = this.#own;
    const plugin = { manifest: manifestOf(this.#uriPrefix, NAME), routes, instance, log, answerLimitMs };
    const inside = pluginApplication(plugin, [refuseLongBody, wholeRequest, readBody()]).callback();
    const outsideAs = (user: Account | undefined): RequestListener =>
      publicApplication({
        plugins: [plugin],
        authenticator: {
          authenticate: async () => {
            if (user) return user;
            throw createError(401, 'There is no such user');
          },
        },
        accounts,
        count: (_, next) => next(),
        log,
      });
    return (request, response) => {
      const name = request.headers[USER_HEADER];
      const handler = name === undefined ? inside : outsideAs(accounts.find(String(name)));
      handler(request, response);
    };
  }
}

interface Parts {
  readonly log: FakeLog;
  readonly own: PluginSdk;
  readonly stack: SipStack;
  readonly uriPrefix: string;
  readonly dataDir: string;
  readonly provided: Map<ServiceToken<object>, object>;
  readonly enter: (phase: Phase) => void;
}

function manifestOf(uriPrefix: string, sipConvergenceName: string) {
  return {
    name: NAME,
    packageName: NAME,
    uriPrefix,
    securityLevel: 'LOCAL-AND-REMOTE' as const,
    remoteAuthenticationMethod: ['HTTP-BASIC' as const],
    sipConvergenceName,
    serviceDescription: '',
    dependsOn: [],
    main: 'index.js',
  };
}
