import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { tryAsk } from './api.js';

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

const readiness = signal<Json>(undefined);
const diagnostics = signal<Json>(undefined);
const hasAsked = signal(false);
const problem = signal<string | undefined>(undefined);

const REFRESH_MS = 5_000;

/** How the service is. Only hosts inside the cluster are told. */
export function HealthPage() {
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const { status, checks, ...rest } = objectOf(readiness.value);
  return (
    <>
      <section class="card">
        <h1>Health</h1>
        {problem.value !== undefined && <p class="empty">{problem.value}</p>}
        {status === undefined && hasAsked.value && problem.value === undefined && (
          <p class="empty">From outside the cluster the service does not tell how it is.</p>
        )}
        {status !== undefined && (
          <p role="status">
            <span class={`status ${toneOf(status)}`}>{textOf(status)}</span> {sentenceOf(status)}
          </p>
        )}
        <Tree value={rest} />
      </section>
      <Checks checks={checks} />
      {diagnostics.value !== undefined && (
        <section class="card">
          <h2>What is alive in the process</h2>
          <Tree value={diagnostics.value} />
        </section>
      )}
    </>
  );
}

function Checks({ checks }: { readonly checks: Json }) {
  const entries = entriesOf(checks);
  if (entries.length === 0) return null;
  return (
    <section class="card">
      <h2>Checks</h2>
      <ul class="checks">
        {entries.map(([name, check]) => {
          const { status, ...details } = objectOf(check);
          return (
            <li key={name}>
              <span class={`status ${toneOf(status)}`}>{textOf(status)}</span> <strong>{name}</strong>
              <Tree value={details} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Any JSON as nested lists. */
function Tree({ value }: { readonly value: Json }) {
  const entries = entriesOf(value);
  if (entries.length === 0) return null;
  return (
    <dl class="facts">
      {entries.map(([name, each]) => (
        <div key={name} class={typeof each === 'object' && each !== null ? 'nested' : undefined}>
          <dt>{name}</dt>
          <dd>{typeof each === 'object' && each !== null ? <Tree value={each} /> : textOf(each)}</dd>
        </div>
      ))}
    </dl>
  );
}

async function refresh(): Promise<void> {
  try {
    const [ready, alive] = await Promise.all([tryAsk('/readyz'), tryAsk('/diagnostics')]);
    readiness.value = ready as Json;
    diagnostics.value = alive as Json;
    problem.value = undefined;
  } catch {
    problem.value = 'The service cannot be reached at the moment.';
  }
  hasAsked.value = true;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

function objectOf(value: Json): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {};
}

function entriesOf(value: Json): readonly (readonly [string, Json])[] {
  if (Array.isArray(value))
    return value.map((each: Json, index) => [textOf(objectOf(each)['name'] ?? index + 1), each]);
  return Object.entries(objectOf(value));
}

function toneOf(status: Json): string {
  if (status === 'pass') return 'good';
  return status === 'warn' ? 'busy' : 'bad';
}

function sentenceOf(status: Json): string {
  if (status === 'pass') return 'The service takes calls.';
  return status === 'warn' ? 'The service takes calls, but something needs a look.' : 'The service takes no new calls.';
}
