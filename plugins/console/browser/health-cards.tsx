import {
  type CertificateState,
  daysLeft,
  type LimitUse,
  type PluginState,
  toneOfDays,
  toneOfLimit,
  type UsersState,
  wordsOfDays,
  wordsOfLimit,
} from './health.js';
import { dayText, timeText } from './wording.js';

export function PluginsCard({ plugins }: { readonly plugins: readonly PluginState[] }) {
  return (
    <section class="card" aria-labelledby="plugins-title">
      <h2 id="plugins-title">Plugins</h2>
      <ul class="lines">
        {plugins.map(({ name, state, uriPrefix, problem }) => (
          <li key={name}>
            {state === 'running' ? (
              <span class="status good">runs</span>
            ) : (
              <span class="status bad">left out at the start</span>
            )}{' '}
            <strong>{name}</strong> {uriPrefix !== undefined && <code>{uriPrefix}</code>}
            {problem !== undefined && <p>{problem}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How near each limit is. */
export function LimitsCard({ limits }: { readonly limits: Readonly<Record<string, LimitUse>> }) {
  return (
    <section class="card" aria-labelledby="limits-title">
      <h2 id="limits-title">Limits</h2>
      <ul class="lines">
        {Object.entries(limits).map(([name, use]) => (
          <li key={name} class="limit">
            <label for={`limit-${name}`}>{wordsOfLimit(name)}</label>
            <meter
              id={`limit-${name}`}
              class={toneOfLimit(use)}
              max={use.limit}
              value={Math.min(use.used, use.limit)}
            />
            <span class="number">
              {use.used.toLocaleString()} of {use.limit.toLocaleString()}
            </span>
          </li>
        ))}
      </ul>
      <p class="empty">At a limit new calls are refused; those that go on are not touched.</p>
    </section>
  );
}

export function UsersCard({ users: { file, users, readAt, problem } }: { readonly users: UsersState }) {
  return (
    <section class="card" aria-labelledby="users-title">
      <h2 id="users-title">Users’ file</h2>
      <p>
        {users.toLocaleString()} {users === 1 ? 'user' : 'users'}, read on {dayText(readAt)} at {timeText(readAt)} from{' '}
        <code>{file}</code>
      </p>
      <Problem text={problem} />
    </section>
  );
}

interface CertificateCardProps {
  readonly certificate: CertificateState | undefined;
  readonly nowMs: number;
}

export function CertificateCard({ certificate, nowMs }: CertificateCardProps) {
  return (
    <section class="card" aria-labelledby="certificate-title">
      <h2 id="certificate-title">Certificate</h2>
      {certificate ? (
        <Certificate certificate={certificate} days={daysLeft(certificate, nowMs)} />
      ) : (
        <p class="empty">No listener speaks TLS, so there is none.</p>
      )}
    </section>
  );
}

function Certificate({ certificate, days }: { readonly certificate: CertificateState; readonly days: number }) {
  const { subject, issuer, validTo, isSelfSigned, problem } = certificate;
  return (
    <>
      <p>
        <span class={`status ${toneOfDays(days)}`}>{wordsOfDays(days)}</span> Its last day is {dayText(validTo)}.
      </p>
      <p>
        <code>{subject}</code>
        {isSelfSigned ? ', self-signed: clients cannot check it unless they were given it' : `, issued by ${issuer}`}
      </p>
      <Problem text={problem} />
    </>
  );
}

/** Why the newest version of a file is not in use. */
function Problem({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p>
      <span class="status busy">needs a look</span> The newest version cannot be used, the one before still is: {text}
    </p>
  );
}
