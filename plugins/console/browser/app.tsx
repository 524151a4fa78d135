import { CallPage } from './call-page.js';
import { connection, liveCount } from './calls.js';
import { nowMs } from './clock.js';
import { ConfirmDialog } from './confirm.js';
import { HealthPage } from './health-page.js';
import { HistoryPage } from './history-page.js';
import { LivePage } from './live-page.js';
import { Notice } from './notice.js';
import { linkTo, route, type View } from './route.js';
import { Suggestions } from './suggestions.js';
import { loggedInAs } from './viewer.js';
import { durationText, timeText } from './wording.js';

const CALL_TABS: readonly (readonly [View, string])[] = [
  ['calls', 'Calls'],
  ['history', 'History'],
];
/** How the service is, those outside the cluster are not told. */
const TABS = loggedInAs === undefined ? [...CALL_TABS, ['health', 'Health'] as const] : CALL_TABS;

export function App() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={linkTo('calls')}>
          sipxrest
        </a>
        <nav aria-label="Views">
          {TABS.map(([view, title]) => (
            <a key={view} href={linkTo(view)} aria-current={route.value.view === view ? 'page' : undefined}>
              {title}
              {view === 'calls' && liveCount.value > 0 && <span class="count">{liveCount.value}</span>}
            </a>
          ))}
          {loggedInAs === undefined && <a href="/catalogue">Catalogue</a>}
        </nav>
        {loggedInAs !== undefined && <p class="viewer">Calls of {loggedInAs}</p>}
        <Connection />
      </header>
      <main id="main" tabIndex={-1}>
        <CurrentView />
      </main>
      <Notice />
      <ConfirmDialog />
      <Suggestions />
    </>
  );
}

function CurrentView() {
  const { view, id } = route.value;
  if (view === 'call') return <CallPage key={id} id={id} />;
  if (view === 'history') return <HistoryPage />;
  if (view === 'health') return <HealthPage />;
  return <LivePage />;
}

/** Whether what is shown is true now. */
function Connection() {
  const { state, sinceMs } = connection.value;
  if (state === 'live') return <p class="connection live">live</p>;
  if (state === 'opening') return <p class="connection">connecting</p>;
  return (
    <p class="connection cut" role="status">
      The connection is cut since {timeText(new Date(sinceMs).toISOString())}
      <span aria-hidden="true"> ({durationText(nowMs.value - sinceMs)})</span>. What is shown may be old; it goes on by
      itself.
    </p>
  );
}
