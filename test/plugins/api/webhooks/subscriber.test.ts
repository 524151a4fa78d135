import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { Subscriber } from '../../../../plugins/api/webhooks/subscriber.js';
import { Target } from '../../../../plugins/api/webhooks/target.js';
import { Waiting } from '../../../../plugins/api/webhooks/waiting.js';
import { loggedEvents } from '../new-event.js';

const secret = `whsec_${Buffer.from('a secret of twenty-four').toString('base64')}`;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('A webhook', () => {
  let server: Server;
  let url: string;
  let received: Received[];
  let answer: (response: ServerResponse, count: number) => void;
  let subscriber: Subscriber;
  let waiting: Waiting;

  beforeEach(async () => {
    received = [];
    waiting = new Waiting(100);
    answer = (response) => response.end();
    outcomes.length = 0;
    onOutcome = nothing;
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        answer(response, received.length);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });

  afterEach(async () => {
    await subscriber.close();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  const outcomes: string[] = [];
  let onOutcome: (outcome: string) => void;
  const countOutcome = (outcome: string): void => {
    outcomes.push(outcome);
    onOutcome(outcome);
  };

  /** Sends the events, and waits until nothing waits any more. */
  async function deliver(events: number, delaysMs = [20, 20], timeoutMs = 5_000): Promise<void> {
    await new Promise<void>((onIdle) => {
      const target = new Target({ url, secret, timeoutMs });
      subscriber = new Subscriber({
        target,
        isWanted: () => true,
        waiting,
        log: silent,
        count: countOutcome,
        delaysMs,
        onIdle,
      });
      for (const event of loggedEvents('a', events)) subscriber.tell(event);
    });
  }

  const sequences = (): number[] =>
    received.map(({ body }) => (JSON.parse(body) as { readonly sequence: number }).sequence);

  it('signs as Standard Webhooks say, and sends the events of a call in order', async () => {
    await deliver(3);
    expect(sequences()).to.deep.equal([1, 2, 3]);
    for (const { headers, body } of received)
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).to.have.property(
        'type',
        'call.created',
      );
    expect(waiting.count).to.equal(0);
  });

  it('sends an event that failed again, under the same id, before the next one', async () => {
    answer = (response, count) => response.writeHead(count === 1 ? 500 : 204).end();
    await deliver(2);
    expect(sequences()).to.deep.equal([1, 1, 2]);
    expect(received[1]?.headers['webhook-id']).to.equal(received[0]?.headers['webhook-id']);
  });

  it('sends an event again that a target has not answered in time, and the next ones behind it', async () => {
    answer = (response, count) => void (count > 1 && response.end());
    await deliver(3, [20], 100);
    expect(sequences()).to.deep.equal([1, 1, 2, 3]);
    expect(received[1]?.headers['webhook-id']).to.equal(received[0]?.headers['webhook-id']);
    expect(outcomes).to.deep.equal(['failed', 'delivered', 'delivered', 'delivered']);
  });

  it('sends a target that was away all events in order when it comes back', async () => {
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    onOutcome = () => {
      if (outcomes.length === 2) server.listen(port, '127.0.0.1');
    };
    await deliver(3, Array<number>(50).fill(20));
    expect(sequences()).to.deep.equal([1, 2, 3]);
    expect(outcomes.filter((outcome) => outcome !== 'failed')).to.deep.equal(['delivered', 'delivered', 'delivered']);
    expect(waiting.count).to.equal(0);
  });

  it('follows no redirections, and gives an event up after the last attempt', async () => {
    answer = (response, count) => response.writeHead(count <= 3 ? 302 : 200, { Location: '/elsewhere' }).end();
    await deliver(2);
    expect(sequences()).to.deep.equal([1, 1, 1, 2]);
    expect(outcomes).to.deep.equal(['failed', 'failed', 'failed', 'givenUp', 'delivered']);
  });

  it('waits for as long as Retry-After says', async () => {
    const times: number[] = [];
    answer = (response, count) => {
      times.push(performance.now());
      response.writeHead(count === 1 ? 429 : 200, { 'Retry-After': '1' }).end();
    };
    await deliver(1);
    expect((times[1] ?? 0) - (times[0] ?? 0)).to.be.at.least(990);
  });

  it('sends nothing more after a 410', async () => {
    answer = (response) => response.writeHead(410).end();
    await deliver(3);
    for (const event of loggedEvents('b', 2)) subscriber.tell(event);
    expect(sequences()).to.deep.equal([1]);
    expect(waiting.count).to.equal(0);
  });
});

function nothing(): void {}
