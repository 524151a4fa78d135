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
<title>sipxrest</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #ccc; padding: 0.4rem 1rem 0.4rem 0; text-align: left; vertical-align: top; }
</style>
</head>
<body>
<h1>sipxrest</h1>
<p>${manifests.length === 1 ? 'One plugin is' : `${manifests.length} plugins are`} loaded.</p>
<table>
<thead><tr><th>URI prefix</th><th>Plugin</th><th>Security</th><th>Authentication outside</th><th>SIP convergence name</th><th>Description</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
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
