import { createHash } from 'node:crypto';
import { LIBRARIES } from './libraries.js';

const IMPORT_MAP = JSON.stringify({
  imports: Object.fromEntries([...LIBRARIES].map(([specifier, { name }]) => [specifier, `/console/files/${name}`])),
});

/**
 * Nothing from elsewhere, nothing inline but the import map, and in nobody's frame. Images made on the page, for the copy of a
 * ladder, are blobs.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(IMPORT_MAP).digest('base64')}'`,
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param user the user who has logged in; undefined inside the cluster */
export function consolePage(user?: string): string {
  // Percent-encoded nothing of a name can end the attribute.
  const viewer = user === undefined ? '' : ` data-user="${encodeURIComponent(user)}"`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>sipxrest console</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230b6e63'/%3E%3Cpath d='M4 9h8M9.500 6.500L12 9l-2.500 2.500' stroke='white' stroke-width='1.500' fill='none'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/console/files/uplot.css">
<link rel="stylesheet" href="/console/files/console.css">
<script type="importmap">${IMPORT_MAP}</script>
<script type="module" src="/console/files/main.js"></script>
</head>
<body>
<div id="app"${viewer}><p class="loading">The console is loading.</p></div>
<noscript><p>The console needs JavaScript. Without it, <a href="/catalogue">the catalogue</a> and the URLs of the call controller work as well.</p></noscript>
</body>
</html>
`;
}
