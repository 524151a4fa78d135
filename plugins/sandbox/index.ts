import type { RouterContext } from '@koa/router';
import { injectable } from 'tsyringe';
import type { Plugin } from '../../sdk/index.js';
import { Sdk } from '../../sdk/index.js';
import type { Endpoint } from './addresses.js';
import { Digest } from './digest.js';
import { Proxy } from './proxy.js';
import { ProxySocket, proxyAddress } from './proxy-socket.js';
import type { Settings } from './settings.js';
import { settings } from './settings.js';
import { Telephone } from './telephone.js';

/** A SIP domain on loopback in this process: a proxy that challenges, and telephones that take calls and follow REFER: those of SIP.js. */
@injectable()
export default class Sandbox implements Plugin {
  private readonly settings: Settings;
  private readonly telephones: Telephone[] = [];
  private readonly socket: ProxySocket;
  private proxyUri: string | undefined;

  constructor(private readonly sdk: Sdk) {
    this.settings = sdk.config(settings);
    this.socket = new ProxySocket(sdk.log);
    sdk.routes.get('/', (context) => {
      const telephones = this.telephones.map((telephone) => telephone.view());
      context.body = { domain: sdk.sip.domain, proxy: this.proxyUri, telephones };
    });
    sdk.routes.post('/:userName/messages', (context) => this.sendMessage(context));
  }

  async start(): Promise<void> {
    const { host } = this.sdk.sip;
    try {
      if (host !== proxyAddress) {
        throw new Error(`the sandbox needs the container's ipAddress to be ${proxyAddress}, it is ${host}`);
      }
      const self = await this.socket.open(this.settings.port);
      this.proxyUri = `sip:${self.address}:${self.port};lr`;
      await this.install(self);
      this.socket.serve(this.proxyAt(self));
      this.sdk.log.info('sandbox is up', { proxy: this.proxyUri });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.telephones.map(async (telephone) => telephone.close()));
    await this.socket.close();
  }

  /** Has a telephone send the request's text to `to`, and shows the final response. */
  private async sendMessage(context: RouterContext): Promise<void> {
    const telephone = this.telephones.find(({ userName }) => userName === context.params['userName']);
    const { to } = context.query;
    const { body: text } = context.request;
    if (!telephone) return context.throw(404, 'There is no such telephone');
    if (typeof to !== 'string' || to === '') return context.throw(400, '"to" must say once to whom the message goes');
    if (typeof text !== 'string') return context.throw(400, 'The body must be the message, as text/plain');
    try {
      const { status, reason } = await telephone.send(to, text);
      context.body = { status, reason };
    } catch (error) {
      context.throw(400, `The message cannot be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async install(proxy: Endpoint): Promise<void> {
    const { sip, log } = this.sdk;
    for (const telephone of this.settings.users) {
      const installed = new Telephone({ proxy, domain: sip.domain, telephone, times: this.settings, log });
      this.telephones.push(installed);
      await installed.start();
    }
  }

  private proxyAt(self: Endpoint): Proxy {
    const { domain } = this.sdk.sip;
    const passwords = new Map(this.settings.users.map((user) => [user.userName, user.password]));
    const digest = new Digest({
      realm: domain,
      passwordOf: (userName) => passwords.get(userName),
      now: () => Math.floor(performance.now()),
    });
    return new Proxy({
      self,
      domain,
      digest,
      locate: (user) => this.telephones.find(({ userName }) => userName === user)?.endpoint,
    });
  }
}
