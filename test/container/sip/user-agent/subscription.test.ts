import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Notification, Subscription, SubscriptionEnd, SubscriptionRequest } from '../../../../sdk/index.js';
import type { Received, Reply } from '../../../support/sip-peer.js';
import { NOTHING_LEFT, nothingLeft, Rig, T1_MS } from '../rig.js';

const presence: SubscriptionRequest = {
  uri: 'sip:user2@example.com',
  from: { uri: 'sip:agent@example.com', displayName: 'Agent' },
  to: 'sip:user2@example.com',
  event: 'presence',
  expiresSeconds: 600,
  headers: [['Accept', 'application/pidf+xml']],
};

describe('A subscription', () => {
  let rig: Rig;
  let watcher: Watcher;

  beforeEach(async () => {
    rig = await Rig.open();
    watcher = new Watcher(rig);
  });

  afterEach(async () => {
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  /** For tests that wait for a time-out. */
  async function hurry(): Promise<void> {
    await rig.close();
    rig = await Rig.open({ t1Ms: T1_MS });
    watcher = new Watcher(rig);
  }

  it('goes through the proxy, and reports every NOTIFY', async () => {
    watcher.subscribe();
    const subscribe = await rig.peer.take('SUBSCRIBE');
    expect(subscribe.startLine).to.equal('SUBSCRIBE sip:user2@example.com SIP/2.0');
    expect(subscribe.header('Route')).to.equal(`<sip:127.0.0.1:${rig.peer.port};lr>`);
    expect(subscribe.header('Event')).to.equal('presence');
    expect(subscribe.header('Expires')).to.equal('600');
    expect(subscribe.header('Accept')).to.equal('application/pidf+xml');
    expect(subscribe.header('Contact')).to.equal(`<sip:controller@127.0.0.1:${rig.stack.port}>`);
    rig.peer.reply(subscribe, 200, { headers: ['Expires: 600'] });
    watcher.notify(subscribe, 1, 'active;expires=599', { body: '<presence/>' });
    await rig.peer.take('200 NOTIFY');
    await watcher.hears('active <presence/>');
    watcher.notify(subscribe, 2, 'active;expires=590', { body: '<changed/>' });
    await watcher.hears('active <changed/>');
  });

  it('goes on when its first NOTIFY overtakes the 2xx', async () => {
    watcher.subscribe();
    const subscribe = await rig.peer.take('SUBSCRIBE');
    watcher.notify(subscribe, 1, 'pending');
    await rig.peer.take('200 NOTIFY');
    rig.peer.reply(subscribe, 202);
    watcher.notify(subscribe, 2, 'active');
    await watcher.hears('active');
    expect(watcher.heard).to.deep.equal(['pending', 'active']);
  });

  it('answers a challenge, and that of its end, with a nonce that goes on counting', async () => {
    const subscription = watcher.subscribe({ credentials: { userName: 'agent', password: 'secret' } });
    const first = await rig.peer.take('SUBSCRIBE');
    rig.peer.reply(first, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="n", qop="auth"'] });
    const second = await rig.peer.take('SUBSCRIBE');
    expect(second.header('Proxy-Authorization')).to.include('nc=00000001');
    rig.peer.reply(second, 200);
    watcher.notify(second, 1, 'active');
    await watcher.hears('active');
    subscription.end();
    const third = await rig.peer.take('SUBSCRIBE');
    expect(third.headers('Proxy-Authorization')).to.deep.equal([]);
    rig.peer.reply(third, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="n", qop="auth"'] });
    const last = await rig.peer.take('SUBSCRIBE');
    expect(last.header('Proxy-Authorization')).to.include('nc=00000002');
    expect([first, second, third, last].map(({ cseq }) => cseq)).to.deep.equal([1, 2, 3, 4]);
  });

  it('belongs to the first fork that sends NOTIFY; the others get 481', async () => {
    watcher.subscribe();
    const subscribe = await rig.peer.take('SUBSCRIBE');
    rig.peer.reply(subscribe, 200, { tag: 'slow' });
    watcher.notify(subscribe, 1, 'active', { tag: 'quick' });
    await rig.peer.take('200 NOTIFY');
    watcher.notify(subscribe, 1, 'active', { tag: 'slow' });
    await rig.peer.take('481 NOTIFY');
    watcher.notify(subscribe, 2, 'active', { tag: 'quick' });
    await rig.peer.take('200 NOTIFY');
    expect(watcher.heard).to.deep.equal(['active', 'active']);
  });

  it('refuses NOTIFYs out of order, of another event, or without mandatory fields', async () => {
    const { subscribe } = await watcher.watch();
    watcher.notify(subscribe, 1, 'active', { branch: 'z9hG4bKold' });
    await rig.peer.take('500 NOTIFY');
    watcher.notify(subscribe, 2, 'active', { event: 'dialog' });
    watcher.notify(subscribe, 2, 'active', { event: 'presence;id=1' });
    await rig.peer.count('481 NOTIFY', 2);
    watcher.notify(subscribe, 2, undefined);
    expect((await rig.peer.take('400 NOTIFY')).startLine).to.equal('SIP/2.0 400 Bad Subscription-State');
    watcher.ask(subscribe, 'BYE', 3);
    await rig.peer.take('481 BYE');
    expect(watcher.heard).to.deep.equal(['active']);
  });

  it('cannot begin with a NOTIFY without the address of its notifier', async () => {
    watcher.subscribe();
    const subscribe = await rig.peer.take('SUBSCRIBE');
    rig.peer.reply(subscribe, 200);
    watcher.notify(subscribe, 1, 'active', { contact: null });
    expect((await rig.peer.take('400 NOTIFY')).startLine).to.equal('SIP/2.0 400 Bad Contact');
    watcher.notify(subscribe, 2, 'active');
    await watcher.hears('active');
  });

  it('is refreshed before it expires, over the route and at the target that the notifier gave', async () => {
    watcher.subscribe({ expiresSeconds: 1 });
    const subscribe = await rig.peer.take('SUBSCRIBE');
    rig.peer.reply(subscribe, 200, { headers: ['Expires: 1'] });
    const proxies = [`<sip:127.0.0.1:${rig.peer.port};lr>`, '<sip:far.example.com;lr>'];
    watcher.notify(subscribe, 1, 'active;expires=1', {
      headers: [`Record-Route: ${proxies.join(', ')}`],
      contact: '<sip:first@192.0.2.7>',
    });
    await rig.peer.take('200 NOTIFY');
    const refresh = await rig.peer.take('SUBSCRIBE');
    const lateMs = refresh.atMs - subscribe.atMs;
    expect(lateMs).to.be.above(300);
    expect(refresh.startLine).to.equal('SUBSCRIBE sip:first@192.0.2.7 SIP/2.0');
    expect(refresh.headers('Route')).to.deep.equal(proxies);
    expect(refresh.header('To')).to.equal('<sip:user2@example.com>;tag=peer');
    expect(refresh.header('Expires')).to.equal('1');
    expect(refresh.header('Accept')).to.equal('application/pidf+xml');
    expect(refresh.cseq).to.equal(2);
    rig.peer.reply(refresh, 200, { headers: ['Expires: 1'], contact: '<sip:second@192.0.2.8>' });
    watcher.notify(subscribe, 2, 'active;expires=1', { contact: '<sip:second@192.0.2.8>' });
    expect((await rig.peer.take('SUBSCRIBE')).startLine).to.equal('SUBSCRIBE sip:second@192.0.2.8 SIP/2.0');
  });

  for (const [first, isOvertaking] of [
    ['2xx', false],
    ['NOTIFY', true],
  ] as const) {
    it(`uses the route of the 2xx if the NOTIFY has none and the ${first} comes first`, async () => {
      const subscription = watcher.subscribe();
      const subscribe = await rig.peer.take('SUBSCRIBE');
      const near = `<sip:127.0.0.1:${rig.peer.port};lr>`;
      const accept = (): string =>
        rig.peer.reply(subscribe, 200, { headers: [`Record-Route: <sip:far.example.com;lr>, ${near}`] });
      if (!isOvertaking) accept();
      watcher.notify(subscribe, 1, 'active', { contact: '<sip:phone@192.0.2.7>' });
      await watcher.hears('active');
      if (isOvertaking) accept();
      subscription.end();
      const last = await rig.peer.take('SUBSCRIBE');
      expect(last.startLine).to.equal('SUBSCRIBE sip:phone@192.0.2.7 SIP/2.0');
      expect(last.headers('Route')).to.deep.equal([near, '<sip:far.example.com;lr>']);
    });
  }

  it('requests a longer interval if the notifier finds it too brief', async () => {
    watcher.subscribe({ expiresSeconds: 60 });
    rig.peer.reply(await rig.peer.take('SUBSCRIBE'), 423, { headers: ['Min-Expires: 300'] });
    const again = await rig.peer.take('SUBSCRIBE');
    expect([again.header('Expires'), again.cseq]).to.deep.equal(['300', 2]);
    rig.peer.reply(again, 423, { headers: ['Min-Expires: 300'] });
    expect(await watcher.end()).to.deep.include({ cause: 'refused' });
  });

  it('ends when the notifier ends it, with the reason and the time of the next attempt', async () => {
    await hurry();
    const { subscribe } = await watcher.watch();
    watcher.notify(subscribe, 2, 'terminated;reason=Probation;retry-after=120', { body: 'bye' });
    await rig.peer.take('200 NOTIFY');
    expect(await watcher.end()).to.deep.equal({ cause: 'terminated', reason: 'probation', retryAfterSeconds: 120 });
    expect(watcher.heard).to.deep.equal(['active', 'terminated bye']);
    watcher.notify(subscribe, 3, 'active');
    await rig.peer.take('481 NOTIFY');
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
  });

  it('queries the current state once with an interval of 0', async () => {
    watcher.subscribe({ expiresSeconds: 0 });
    const subscribe = await rig.peer.take('SUBSCRIBE');
    rig.peer.reply(subscribe, 200, { headers: ['Expires: 0'] });
    watcher.notify(subscribe, 1, 'terminated;reason=timeout', { body: 'state', contact: null });
    expect(await watcher.end()).to.deep.equal({ cause: 'terminated', reason: 'timeout' });
    expect(watcher.heard).to.deep.equal(['terminated state']);
  });

  it('does not subscribe again and again if a notifier does not end a one-time subscription', async () => {
    await hurry();
    watcher.subscribe({ expiresSeconds: 0 });
    const subscribe = await rig.peer.take('SUBSCRIBE');
    watcher.notify(subscribe, 1, 'active;expires=0', { body: 'state' });
    await watcher.hears('active state');
    rig.peer.reply(subscribe, 200);
    expect(await watcher.end()).to.deep.equal({ cause: 'no-notify' });
    expect(new Set(rig.peer.all('SUBSCRIBE').map(({ cseq }) => cseq)).size).to.equal(1);
  });

  it('is ended by the plugin with Expires: 0, and still reports the last state', async () => {
    const { subscription, subscribe } = await watcher.watch();
    subscription.end();
    subscription.end();
    const unsubscribe = await rig.peer.take('SUBSCRIBE');
    expect(unsubscribe.header('Expires')).to.equal('0');
    watcher.notify(subscribe, 2, 'active', { body: 'crossed' });
    rig.peer.reply(unsubscribe, 200, { headers: ['Expires: 0'] });
    await watcher.hears('active crossed');
    watcher.notify(subscribe, 3, 'terminated;reason=timeout');
    expect(await watcher.end()).to.deep.equal({ cause: 'terminated', reason: 'timeout' });
    expect(new Set(rig.peer.all('SUBSCRIBE').map(({ cseq }) => cseq)).size).to.equal(2);
  });

  it('ends as soon as the notifier is known if the plugin has unsubscribed', async () => {
    watcher.subscribe().end();
    const subscribe = await rig.peer.take('SUBSCRIBE');
    rig.peer.reply(subscribe, 200);
    watcher.notify(subscribe, 1, 'active');
    expect((await rig.peer.take('SUBSCRIBE')).header('Expires')).to.equal('0');
  });

  it('ends when it is refused', async () => {
    watcher.subscribe();
    rig.peer.reply(await rig.peer.take('SUBSCRIBE'), 489, { headers: ['Allow-Events: dialog'] });
    const { cause, response } = await watcher.end();
    expect([cause, response?.status, response?.header('Allow-Events')]).to.deep.equal(['refused', 489, 'dialog']);
  });

  it('ends when nobody answers', async () => {
    await hurry();
    watcher.subscribe();
    const { cause, response } = await watcher.end();
    expect([cause, response?.status, response?.local]).to.deep.equal(['refused', 408, true]);
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
  });

  it('ends if it is accepted and no NOTIFY arrives', async () => {
    await hurry();
    watcher.subscribe();
    rig.peer.reply(await rig.peer.take('SUBSCRIBE'), 200);
    expect(await watcher.end()).to.deep.equal({ cause: 'no-notify' });
  });

  it('ends when the notifier has forgotten it', async () => {
    await watcher.watch({ expiresSeconds: 1 });
    rig.peer.reply(await rig.peer.take('SUBSCRIBE'), 481);
    const { cause, response } = await watcher.end();
    expect([cause, response?.status]).to.deep.equal(['refused', 481]);
  });

  it('outlives other failures of a refresh until it expires', async () => {
    await watcher.watch({ expiresSeconds: 1 });
    rig.peer.onMessage((message) => {
      if (message.kind === 'SUBSCRIBE') rig.peer.reply(message, 500);
    });
    const { cause, response } = await watcher.end();
    expect([cause, response?.status]).to.deep.equal(['expired', 500]);
    expect(rig.peer.all('SUBSCRIBE').length).to.be.above(1);
  });

  it('is not refreshed without a pause if the notifier grants no time', async () => {
    const { subscribe } = await watcher.watch();
    watcher.notify(subscribe, 2, 'active;expires=0');
    const { atMs } = await rig.peer.take('200 NOTIFY');
    expect((await rig.peer.take('SUBSCRIBE')).atMs - atMs).to.be.above(100);
  });

  it('ends with its plugin, which unsubscribes and gets no more callbacks', async () => {
    const { subscribe } = await watcher.watch();
    const stopping = rig.sip.close();
    const unsubscribe = await rig.peer.take('SUBSCRIBE');
    expect(unsubscribe.header('Expires')).to.equal('0');
    rig.peer.reply(unsubscribe, 200);
    watcher.notify(subscribe, 2, 'terminated;reason=timeout');
    await stopping;
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
    expect(watcher.heard).to.deep.equal(['active']);
    expect(watcher.ends).to.deep.equal([]);
  });

  it('cannot begin after the end of its plugin, nor can anything else', async () => {
    await rig.sip.close();
    expect(() => watcher.subscribe()).to.throw('The user agent is closed');
    expect(() => rig.invite({})).to.throw('The user agent is closed');
    const sending = rig.sip.request({ ...presence, method: 'OPTIONS' });
    expect(await sending.catch(String)).to.equal('Error: The user agent is closed');
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });

  it('does not keep its plugin from stopping when the notifier is silent', async () => {
    await hurry();
    await watcher.watch();
    watcher.subscribe();
    await rig.sip.close();
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
    expect(watcher.ends).to.deep.equal([]);
  });

  it('is refused before anything is sent if it is invalid', () => {
    const bad: [Partial<SubscriptionRequest>, string | RegExp][] = [
      [{ event: '' }, /./],
      [{ event: 'presence\r\nX: y' }, /./],
      [{ event: 'presence;id="\r\nX: y"' }, 'Control character in Event'],
      [{ expiresSeconds: -1 }, 'expiresSeconds: expected 0 to 604800, found -1'],
      [{ expiresSeconds: 0.5 }, 'found 0.5'],
      [{ expiresSeconds: 604_801 }, 'found 604801'],
      [{ uri: 'user2' }, /./],
    ];
    for (const [part, text] of bad) expect(() => watcher.subscribe(part), JSON.stringify(part)).to.throw(text);
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });
});

describe('A subscription whose listener fails', () => {
  it('continues, like those of other plugins, and the failures are logged', async () => {
    const rig = await Rig.open();
    try {
      const watcher = new Watcher(rig);
      const other = rig.stack.forPlugin('faulty', rig.log);
      other.subscribe(presence, {
        onNotify: () => Promise.reject(new Error('no idea of this')),
        onEnd: () => {
          throw new Error('no idea of the end');
        },
      });
      const faulty = await rig.peer.take('SUBSCRIBE');
      rig.peer.reply(faulty, 200);
      watcher.notify(faulty, 1, 'active');
      watcher.notify(faulty, 2, 'terminated');
      await rig.peer.count('200 NOTIFY', 2);
      await watcher.watch();
      const failures = rig.log.lines.map((line) => /no idea of \w+(?: end)?/.exec(line)?.[0]);
      expect(failures).to.have.members(['no idea of this', 'no idea of this', 'no idea of the end']);
    } finally {
      await rig.close();
    }
  });
});

interface Notify extends Pick<Reply, 'headers' | 'contact' | 'body'> {
  readonly tag?: string;
  readonly event?: string;
  readonly branch?: string;
}

/** A plugin that subscribes and writes down what it hears, and the notifier's side of it. */
class Watcher {
  readonly heard: string[] = [];
  readonly ends: SubscriptionEnd[] = [];
  readonly #events = new EventEmitter();

  constructor(private readonly rig: Rig) {}

  subscribe(request: Partial<SubscriptionRequest> = {}): Subscription {
    return this.rig.sip.subscribe(
      { ...presence, ...request },
      {
        onNotify: ({ state, body }: Notification) => {
          this.heard.push(body ? `${state} ${body.content}` : state);
          this.#events.emit('event');
        },
        onEnd: (end) => {
          this.ends.push(end);
          this.#events.emit('event');
        },
      },
    );
  }

  /** A subscription that the peer has accepted and told about. */
  async watch(
    request: Partial<SubscriptionRequest> = {},
  ): Promise<{ subscription: Subscription; subscribe: Received }> {
    const subscription = this.subscribe(request);
    const subscribe = await this.rig.peer.take('SUBSCRIBE');
    this.rig.peer.reply(subscribe, 200);
    this.notify(subscribe, 1, 'active');
    await this.rig.peer.take('200 NOTIFY');
    await this.hears('active');
    return { subscription, subscribe };
  }

  /** Sends a NOTIFY of the peer. */
  notify(subscribe: Received, cseq: number, state: string | undefined, notify: Notify = {}): void {
    const { event = 'presence', headers = [], body = '', contact, branch, tag } = notify;
    const stated = state === undefined ? [] : [`Subscription-State: ${state}`];
    const type = body ? ['Content-Type: text/plain'] : [];
    this.ask(subscribe, 'NOTIFY', cseq, {
      headers: [`Event: ${event}`, ...stated, ...type, ...headers],
      contact: contact === undefined ? `<sip:peer@127.0.0.1:${this.rig.peer.port}>` : contact,
      body,
      ...(branch !== undefined && { branch }),
      ...(tag !== undefined && { from: `${subscribe.header('To')};tag=${tag}` }),
    });
  }

  ask(subscribe: Received, method: string, cseq: number, request: Parameters<Rig['ask']>[3] = {}): void {
    this.rig.ask({ invite: subscribe }, method, cseq, request);
  }

  async hears(text: string): Promise<void> {
    await this.#until(() => this.heard.includes(text), `"${text}"; what was heard: ${this.heard.join(', ')}`);
  }

  async end(): Promise<SubscriptionEnd> {
    await this.#until(() => this.ends.length > 0, 'end');
    expect(this.ends).to.have.length(1);
    const [end] = this.ends;
    if (!end) throw new Error('There is no end');
    return end;
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(3000);
    while (!isSo()) {
      await once(this.#events, 'event', { signal }).catch(() => {
        throw new Error(`No ${what}`);
      });
    }
  }
}
