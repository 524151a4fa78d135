import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { tryAsk } from './api.js';
import { liveCalls } from './calls.js';
import { nowMs } from './clock.js';
import { type Diagnostics, type Readiness, toneOfCheck, uptimeText, wordsOfCheck } from './health.js';
import { CertificateCard, LimitsCard, PluginsCard, UsersCard } from './health-cards.js';
import { loggedInAs } from './viewer.js';
import { timeText } from './wording.js';

const readiness = signal<Readiness | undefined>(undefined);
const diagnostics = signal<Diagnostics | undefined>(undefined);
/** Since when nobody answers. */
const awaySinceMs = signal<number | undefined>(undefined);

const REFRESH_MS = 5_000;

/** How the service is. Only hosts inside the cluster are told. */
export function HealthPage() {
  useEffect(() => {
    if (loggedInAs !== undefined) return undefined;
    void refresh();
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="health">
      <section class="card whole">
        <h1>Health</h1>
        <Summary />
      </section>
      {readiness.value && <ChecksCard checks={readiness.value.checks} />}
      {diagnostics.value && <Cards diagnostics={diagnostics.value} />}
    </div>
  );
}

function Summary() {
  if (loggedInAs !== undefined)
    return <p class="empty">How the service is, only hosts inside the cluster are told. Ask whoever runs it.</p>;
  if (awaySinceMs.value !== undefined) {
    const since = timeText(new Date(awaySinceMs.value).toISOString());
    return (
      <p class="empty" role="status">
        The service does not answer since {since}. What stands below is older. It is asked again every five seconds.
      </p>
    );
  }
  if (!readiness.value) return <p class="empty">The service is being asked.</p>;
  const { status } = readiness.value;
  return (
    <p role="status">
      <span class={`status ${toneOfCheck(status)}`}>{wordsOfCheck(status)}</span> {SENTENCES[status]}
    </p>
  );
}

const SENTENCES: Readonly<Record<Readiness['status'], string>> = {
  pass: 'The service takes calls.',
  warn: 'The service takes calls, but something needs a look.',
  fail: 'The service takes no new calls.',
};

function ChecksCard({ checks }: Pick<Readiness, 'checks'>) {
  return (
    <section class="card" aria-labelledby="checks-title">
      <h2 id="checks-title">Checks</h2>
      <ul class="lines">
        {Object.entries(checks).map(([name, { status, output }]) => (
          <li key={name}>
            <span class={`status ${toneOfCheck(status)}`}>{wordsOfCheck(status)}</span> <strong>{name}</strong>
            {output !== undefined && <p>{output}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Cards({ diagnostics: all }: { readonly diagnostics: Diagnostics }) {
  const { version, node, uptimeSeconds, plugins, limits, users, certificate, ...process } = all;
  return (
    <>
      <PluginsCard plugins={plugins} />
      <LimitsCard limits={limits} />
      <NodesCard version={version} node={node} uptimeSeconds={uptimeSeconds} />
      <UsersCard users={users} />
      <CertificateCard certificate={certificate} nowMs={nowMs.value} />
      <section class="card whole">
        <details>
          <summary>What is alive in the process</summary>
          <pre tabIndex={0}>{JSON.stringify(process, undefined, 2)}</pre>
        </details>
      </section>
    </>
  );
}

/** Live calls by the node that has them. */
const callsByNode = computed(() => {
  const counts = new Map<string, number>();
  for (const { node } of liveCalls.value) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
});

function NodesCard({ version, node, uptimeSeconds }: Pick<Diagnostics, 'version' | 'node' | 'uptimeSeconds'>) {
  const others = [...callsByNode.value.keys()].filter((name) => name !== node).toSorted();
  return (
    <section class="card" aria-labelledby="nodes-title">
      <h2 id="nodes-title">Nodes</h2>
      <ul class="lines">
        <li>
          <strong>{node}</strong> {callsText(node)}
          <p>
            answers this page, version {version}, up for {uptimeText(uptimeSeconds)}
          </p>
        </li>
        {others.map((name) => (
          <li key={name}>
            <strong>{name}</strong> {callsText(name)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function callsText(node: string): string {
  const count = callsByNode.value.get(node) ?? 0;
  return count === 1 ? '1 call now' : `${count} calls now`;
}

async function refresh(): Promise<void> {
  try {
    const [ready, found] = await Promise.all([tryAsk<Readiness>('/readyz'), tryAsk<Diagnostics>('/diagnostics')]);
    readiness.value = ready;
    diagnostics.value = found;
    awaySinceMs.value = undefined;
  } catch {
    awaySinceMs.value ??= Date.now();
  }
}
