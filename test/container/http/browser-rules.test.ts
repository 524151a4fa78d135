import { expect } from 'chai';
import { once } from 'node:events';
import { type IncomingHttpHeaders, IncomingMessage, request } from 'node:http';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { BrowserRules } from '../../../container/http/browser-rules.js';
import { HttpListener } from '../../../container/http/listener.js';
import { sendError } from '../../../container/http/xml-errors.js';

const crm = 'https://crm.example.org';

describe('A request', () => {
  let listener: HttpListener;
  let served: number;

  before(async () => {
    const browsers = new BrowserRules({
      ipAddress: '0.0.0.0',
      advertisedAddress: '192.0.2.10',
      sipxProxyDomain: 'Example.com',
      webHosts: ['PBX.example.org'],
      webOrigins: [crm],
    });
    listener = await HttpListener.open(
      '127.0.0.1',
      0,
      (incoming, response) => {
        served += 1;
        if (incoming.url === '/fails') sendError(response, 404, 'There is nothing at this path');
        else response.end('served');
      },
      { browsers },
    );
  });

  after(() => listener.close());

  beforeEach(() => {
    served = 0;
  });

  async function send(
    method: string,
    headers: Readonly<Record<string, string>>,
    path = '/',
  ): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
    const outgoing = request({ host: '127.0.0.1', port: listener.port, method, path, headers, agent: false }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  /** The status, and whether the handler has seen the request. */
  async function outcome(method: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const { status } = await send(method, headers);
    return `${status} ${served === 1 ? 'served' : 'refused'}`;
  }

  const own = (): string => `http://127.0.0.1:${listener.port}`;

  describe('of a client other than a browser is served', () => {
    for (const [what, headers] of [
      ['whatever host it names', { Host: 'attacker.test' }],
      ['that is fetch of Node', { Host: 'pbx.cluster.internal', 'Sec-Fetch-Mode': 'cors', 'Accept-Language': '*' }],
      ['that is PowerShell', { Host: 'pbx.cluster.internal', 'User-Agent': 'Mozilla/5.0 WindowsPowerShell/5.1' }],
    ] as const) {
      it(what, async () => {
        expect(await outcome('POST', headers)).to.equal('200 served');
      });
    }
  });

  describe('of a browser is served', () => {
    for (const [what, method, headers] of [
      ['when its page is of this container', 'POST', { 'Sec-Fetch-Site': 'same-origin' }],
      ['when the user has typed the address', 'GET', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Dest': 'document' }],
      ['when a page of another site leads to it', 'GET', { 'Sec-Fetch-Site': 'cross-site' }],
      ['when a page of another site asks for its head', 'HEAD', { Origin: 'https://attacker.test' }],
      ['when its page is of webOrigins', 'POST', { Origin: crm, 'Sec-Fetch-Site': 'cross-site' }],
    ] as const) {
      it(what, async () => {
        expect(await outcome(method, headers)).to.equal('200 served');
      });
    }

    it('when its Origin is the host that it asks', async () => {
      expect(await outcome('POST', { Origin: own() })).to.equal('200 served');
    });

    for (const host of [
      '192.0.2.10:6680',
      'localhost',
      'a.localhost:80',
      'LOCALHOST.:80',
      '127.9.9.9',
      '[::1]:6680',
      'example.com',
      'a.b.EXAMPLE.com:1',
      'pbx.example.org',
      hostname(),
    ]) {
      it(`under the name ${host === hostname() ? 'of the machine' : host}`, async () => {
        expect(await outcome('GET', { Host: host, 'Accept-Language': 'de' })).to.equal('200 served');
      });
    }
  });

  describe('of a browser is refused', () => {
    for (const [what, method, headers] of [
      ['when its page is of another site', 'POST', { 'Sec-Fetch-Site': 'cross-site' }],
      ['when its page is of another host of the site', 'POST', { 'Sec-Fetch-Site': 'same-site' }],
      ['when its page is of another origin', 'DELETE', { Origin: 'http://attacker.test' }],
      ['when its page is of another port', 'POST', { Origin: 'http://127.0.0.1:1' }],
      ['when its page is at another scheme of webOrigins', 'POST', { Origin: 'http://crm.example.org' }],
      ['when its page is of no origin', 'POST', { Origin: 'null' }],
      ['when a page of another site asks what it may send', 'OPTIONS', { Origin: 'https://attacker.test' }],
    ] as const) {
      it(`with 403 ${what}`, async () => {
        expect(await outcome(method, headers)).to.equal('403 refused');
      });
    }

    for (const host of [
      'attacker.test',
      'example.com.attacker.test',
      'notexample.com',
      '127.0.0.1.attacker.test',
      'attacker@127.0.0.1',
      '192.0.2.11',
      '127.0.0.1/',
    ]) {
      for (const [name, value] of [
        ['Accept-Language', 'en-US'],
        ['Origin', `http://${host}`],
        ['Sec-Fetch-Site', 'same-origin'],
        ['Sec-Fetch-Mode', 'navigate'],
      ] as const) {
        it(`with 421 under the name "${host}", when it sends ${name}`, async () => {
          expect(await outcome('GET', { Host: host, [name]: value })).to.equal('421 refused');
        });
      }
    }
  });

  describe('of a page of webOrigins', () => {
    it('may be read by it, an error too', async () => {
      for (const path of ['/', '/fails']) {
        const { headers } = await send('GET', { Origin: crm }, path);
        expect(headers).to.include({ 'access-control-allow-origin': crm, vary: 'Origin' });
      }
    });

    it('may have a method and fields that it has asked for', async () => {
      const { status, headers } = await send('OPTIONS', {
        Origin: crm,
        'Access-Control-Request-Method': 'DELETE',
        'Access-Control-Request-Headers': 'authorization,content-type',
      });
      expect([status, served]).to.deep.equal([204, 0]);
      expect(headers).to.include({
        'access-control-allow-origin': crm,
        'access-control-allow-headers': 'authorization,content-type',
      });
      expect(headers['access-control-allow-methods']).to.contain('DELETE');
    });

    it('alone may be read', async () => {
      const { headers } = await send('GET', { Origin: 'https://attacker.test' });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).to.deep.equal([]);
    });
  });
});
