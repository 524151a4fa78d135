import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CallInfo, CallMessage } from '../../../sdk/call-info.js';
import { nameOf } from './call.js';
import { knownCall } from './calls.js';
import { copyText, savePng } from './copies.js';
import { arrowsOf, ladderText } from './ladder.js';
import { LadderView } from './ladder-view.js';
import { messages, messagesProblem, showMessages } from './messages.js';
import { attempt, say } from './notice.js';
import { linkTo } from './route.js';
import { StatesView } from './states-view.js';
import { Steering } from './steering.js';
import { preciseTimeText, sentenceOf, wordingOf } from './wording.js';

/** One call: what happened, when, and every message of it. */
export function CallPage({ id }: { readonly id: string }) {
  useEffect(() => showMessages(id), [id]);
  const call = knownCall(id);
  if (!call) return <UnknownCall />;
  return (
    <>
      <section class="card" aria-labelledby="call-title">
        <h1 id="call-title">
          {nameOf(call.caller)} <span aria-label="calls">→</span> {nameOf(call.callee)}
        </h1>
        <p role="status">
          <span class={`status ${wordingOf(call).tone}`}>{wordingOf(call).words}</span> {sentenceOf(call)}
        </p>
        <Steering call={call} />
        <Facts call={call} />
      </section>
      <Messages call={call} />
    </>
  );
}

function UnknownCall() {
  if (messagesProblem.value === undefined) return <p class="empty">The call is being read.</p>;
  return (
    <section class="card">
      <h1>This call is not known</h1>
      <p>
        {messagesProblem.value}. A call is kept for three minutes, or for as long as the request that placed it asked (
        <code>keepSeconds</code>).
      </p>
      <p>
        <a href={linkTo('calls')}>The calls of now</a>, <a href={linkTo('history')}>those that are over</a>
      </p>
    </section>
  );
}

function Facts({ call }: { readonly call: CallInfo }) {
  return (
    <dl class="facts">
      <Fact title="Agent" text={call.agent} />
      <Fact title="Method" text={call.method} />
      {call.subject !== undefined && <Fact title="Subject" text={call.subject} />}
      {Object.entries(call.tags ?? {}).map(([tag, value]) => (
        <Fact key={tag} title={`Tag ${tag}`} text={value} />
      ))}
      <Fact title="Node" text={call.node} />
      <Fact title="Id" text={call.id} />
    </dl>
  );
}

function Fact({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Messages({ call }: { readonly call: CallInfo }) {
  const drawing = useRef<SVGSVGElement>(null);
  const selected = useSignal<CallMessage | undefined>(undefined);
  const arrows = arrowsOf(messages.value);
  const save = async (): Promise<void> => {
    if (drawing.current) await savePng(drawing.current, `call-${call.id}.png`);
  };
  return (
    <section class="card" aria-labelledby="messages-title">
      <div class="title-row">
        <h2 id="messages-title">SIP messages</h2>
        <div class="buttons">
          <button type="button" onClick={() => copy(ladderText(arrows), 'The ladder')}>
            Copy as text
          </button>
          <button type="button" onClick={() => void attempt(save)}>
            Save as PNG
          </button>
          <button type="button" onClick={() => copy(location.href, 'The link')}>
            Copy the link
          </button>
        </div>
      </div>
      {messagesProblem.value !== undefined && <p class="empty">The messages cannot be read: {messagesProblem.value}</p>}
      <div class="ladder-frame">
        {arrows.length === 0 ? (
          <p class="empty ladder">
            {call.isFinal ? 'No message of this call is kept.' : 'No message has been sent yet.'}
          </p>
        ) : (
          <LadderView
            call={call}
            arrows={arrows}
            selected={selected.value}
            onSelect={(message) => (selected.value = message)}
            drawing={drawing}
          />
        )}
        <div class="beside">
          <StatesView call={call} arrows={arrows} />
          <MessagePanel message={selected.value} />
        </div>
      </div>
    </section>
  );
}

function copy(text: string, what: string): void {
  void attempt(async () => {
    await copyText(text);
    say(`${what} is copied.`);
  });
}

function MessagePanel({ message }: { readonly message: CallMessage | undefined }) {
  const panel = useRef<HTMLElement>(null);
  // Below a long ladder it would be out of sight.
  useEffect(() => panel.current?.scrollIntoView({ block: 'nearest' }), [message]);
  if (!message) return <p class="empty">Select an arrow to read its message.</p>;
  const { at, startLine, cseq, text } = message;
  return (
    <aside ref={panel} class="panel" aria-label="The message">
      <h3>{startLine}</h3>
      <p>
        {preciseTimeText(at)}, CSeq {cseq}
      </p>
      {text === undefined ? (
        <p>
          Its text is kept only while the container traces (<code>logLevel: trace</code>).
        </p>
      ) : (
        <pre tabIndex={0}>{text}</pre>
      )}
    </aside>
  );
}
