import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { digest, newNonce } from '../support/outside/digest.js';
import { ask, basic, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';

const clock = fileURLToPath(new URL('../support/settable-clock.js', import.meta.url));
const wrongPerUser = 10;
const target = '/callcontroller/user1/user2';
const kept = '/callcontroller/user3/user4';
const DAY_MS = 86_400_000;
const calls = z.object({ items: z.array(z.object({ createdAt: z.string() })) });

describe('A clock that is set a day forward, and then two days back', function () {
  this.timeout(60_000);

  let rig: OutsideRig;
  let nonces: string[];

  const get = async (userName: string, pin: string) =>
    (await ask(rig.port, requestText('GET', target, [basic(userName, pin)]))).status;

  const set = async (count: number): Promise<void> => {
    process.kill(rig.container.pid, 'SIGUSR2');
    await rig.container.waitForLog(`"clockSet":${count},`, 10_000);
  };

  before(async () => {
    rig = await startOutside({ sipT1Ms: 50 }, { NODE_OPTIONS: `--import ${clock}` });
    for (let count = 0; count < wrongPerUser; count++) expect(await get('user50', `wrong-${count}`)).to.equal(401);
    nonces = [await newNonce(rig.port), await newNonce(rig.port)];
    expect((await rig.container.post(`${kept}?timeout=1&resultCacheTime=3600`)).status).to.equal(200);
    await rig.container.waitForStatus(kept, (events) => events.length > 0, 20_000);
  });

  after(async () => {
    await rig?.stop();
  });

  for (const [count, days] of [
    [1, 1],
    [2, -1],
  ] as const) {
    describe(`set to ${days > 0 ? 'tomorrow' : 'yesterday'}`, () => {
      before(async () => {
        await set(count);
      });

      it('changes the time of day that the container shows', async () => {
        expect((await rig.container.post(`/callcontroller/user8${count}/user9?timeout=1`)).status).to.equal(200);
        const [call] = calls.parse(await (await rig.container.get('/v1/calls?limit=1')).json()).items;
        expect(Date.parse(call?.createdAt ?? '') - Date.now() - days * DAY_MS).to.be.within(-60_000, 2_000);
      });

      it('does not shorten a lockout after wrong PINs', async () => {
        expect(await get('user50', pinOf('user50'))).to.equal(429);
      });

      it('locks nobody else out', async () => {
        expect(await get('user1', pinOf('user1'))).to.equal(200);
      });

      it('leaves the nonce of a login valid for one request', async () => {
        const nonce = nonces[count - 1] ?? '';
        const login = digest({ userName: 'user1', pin: pinOf('user1'), method: 'GET', target, nonce });
        const request = requestText('GET', target, [login]);
        expect((await ask(rig.port, request)).status).to.equal(200);
        expect((await ask(rig.port, request)).status).to.equal(401);
      });

      it('keeps the record of a call', async () => {
        expect(await (await rig.container.get(kept)).text()).to.contain('<method>INVITE</method>');
      });

      it('lets a telephone ring for as long as ever', async () => {
        const path = `/callcontroller/user6${count}/user7`;
        const startMs = performance.now();
        expect((await rig.container.post(`${path}?timeout=2&resultCacheTime=3600`)).status).to.equal(200);
        await rig.container.waitForStatus(path, (events) => events.some((e) => e.statusLine.includes(' 408 ')), 20_000);
        expect(performance.now() - startMs).to.be.above(1_900);
      });
    });
  }
});
