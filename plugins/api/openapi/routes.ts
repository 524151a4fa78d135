import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { RouterContext } from '@koa/router';
import { injectable } from 'tsyringe';
import { Sdk } from '../../../sdk/index.js';
import { openApiDocument } from './document.js';

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'";

const PREFIX = /^(?:\/[\w-]{1,40}){1,8}$/;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sipxrest /v1</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/docs.css">
<script type="module" src="docs/docs.js"></script>
</head>
<body><main><p>The description is being read.</p></main></body>
</html>
`;

/** The description of the API, and a page to read and try it, all of whose files come from here. */
@injectable()
export class DescriptionRoutes {
  constructor(sdk: Sdk) {
    const { version } = createRequire(import.meta.url)('../../../../package.json') as { version: string };
    sdk.routes.get('/openapi.json', (ctx) =>
      answer(ctx, 'application/json', JSON.stringify(openApiDocument(version, prefixOf(ctx)))),
    );
    sdk.routes.get('/docs', (ctx) => {
      // What the page loads lies relative to its address.
      if (ctx.path.endsWith('/')) ctx.redirect('../docs');
      else answer(ctx, 'text/html; charset=utf-8', PAGE);
    });
    sdk.routes.get('/docs/docs.js', (ctx) => serve(ctx, 'text/javascript; charset=utf-8', '../browser/docs.js'));
    sdk.routes.get('/docs/docs.css', (ctx) => serve(ctx, 'text/css; charset=utf-8', './docs.css'));
  }
}

/** What the path of a request begins with that came through the redirect; `/` where it came directly. */
function prefixOf(ctx: RouterContext): string {
  const prefix = ctx.get('X-Forwarded-Prefix');
  return PREFIX.test(prefix) ? prefix : '/';
}

async function serve(ctx: RouterContext, type: string, path: string): Promise<void> {
  answer(ctx, type, await readFile(new URL(path, import.meta.url)));
}

function answer(ctx: RouterContext, type: string, body: string | Buffer): void {
  ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cache-Control', 'no-cache');
  ctx.type = type;
  ctx.body = body;
}
