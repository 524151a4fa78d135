import { Router } from '@koa/router';
import Koa from 'koa';
import type { AddressInfo } from 'node:net';

/* A process of its own: Koa with a router, one route, and a text of the length that is asked for. */

const text = 'x'.repeat(Number(process.argv[2]));
const router = new Router({ prefix: '/callcontroller' });
router.get('/:callingUser/:calledUser', (ctx) => {
  ctx.type = 'text/xml; charset=utf-8';
  ctx.body = text;
});

const app = new Koa();
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
