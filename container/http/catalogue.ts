import type { Manifest } from '../plugins/manifest.js';

/** Path of the console, linked from here. */
export const CONSOLE = '/console';

/** The page at `/`: what is loaded, and where. */
export function cataloguePage(manifests: readonly Manifest[]): string {
  const rows = manifests.map(
    (manifest) =>
      `<tr>${[
        `<code>${escape(manifest.uriPrefix)}</code>`,
        escape(manifest.name),
        escape(manifest.securityLevel),
        escape(manifest.remoteAuthenticationMethod.join(', ')),
        `<code>${escape(manifest.sipConvergenceName)}</code>`,
        escape(manifest.serviceDescription),
      ]
        .map((cell) => `<td>${cell}</td>`)
        .join('')}</tr>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sipxrest</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f4f6f5, #14191b); color: light-dark(#17201f, #e6edeb); }
header { display: flex; gap: 1.6rem; align-items: center; padding: 0.85rem 1.2rem; background: light-dark(#fff, #1c2326); border-bottom: 1px solid light-dark(#dbe2e0, #334044); }
header strong { font-size: 1.1rem; font-weight: 750; }
main { max-width: 1120px; margin: 1.2rem auto; padding: 1.1rem 1.3rem; background: light-dark(#fff, #1c2326); border: 1px solid light-dark(#dbe2e0, #334044); border-radius: 10px; box-sizing: border-box; }
h1 { margin: 0; font-size: 1.4rem; }
a { color: light-dark(#0b6e63, #4fc7b6); }
code { overflow-wrap: anywhere; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid light-dark(#dbe2e0, #334044); padding: 0.4rem 1rem 0.4rem 0; text-align: left; vertical-align: top; }
th { color: light-dark(#52605d, #a3b3af); font-size: 0.84rem; }
td:last-child { min-width: 14rem; }
@media (max-width: 1160px) { main { margin: 1.2rem; } }
@media (max-width: 720px) { main { margin: 0.7rem; padding: 0.9rem; } }
</style>
</head>
<body>
<header><strong>sipxrest</strong>${manifests.some(({ uriPrefix }) => uriPrefix === CONSOLE) ? `<a href="${CONSOLE}">Console</a>` : ''}</header>
<main>
<h1>Catalogue</h1>
<p>${manifests.length === 1 ? 'One plugin is' : `${manifests.length} plugins are`} loaded.</p>
<div role="group" aria-label="Plugins" tabindex="0">
<table>
<thead><tr><th>URI prefix</th><th>Plugin</th><th>Security</th><th>Authentication outside</th><th>SIP convergence name</th><th>Description</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>
</main>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
