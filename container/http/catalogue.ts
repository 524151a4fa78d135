import type { Manifest } from '../plugins/manifest.js';

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
main { max-width: 1120px; margin: 1.2rem auto; padding: 1.1rem 1.3rem; background: light-dark(#fff, #1c2326); border: 1px solid light-dark(#dbe2e0, #334044); border-radius: 10px; overflow-x: auto; }
h1 { margin: 0; font-size: 1.4rem; }
a { color: light-dark(#0b6e63, #4fc7b6); }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid light-dark(#dbe2e0, #334044); padding: 0.4rem 1rem 0.4rem 0; text-align: left; vertical-align: top; }
</style>
</head>
<body>
<main>
<h1>sipxrest</h1>
<p>${manifests.length === 1 ? 'One plugin is' : `${manifests.length} plugins are`} loaded.</p>
<table>
<thead><tr><th>URI prefix</th><th>Plugin</th><th>Security</th><th>Authentication outside</th><th>SIP convergence name</th><th>Description</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
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
