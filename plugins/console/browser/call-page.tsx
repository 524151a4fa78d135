import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Call, type Message, nameOf } from './call.js';
import { knownCall } from './calls.js';
import { savePng } from './copies.js';
import { arrowsOf, ladderText } from './ladder.js';
import { LadderView } from './ladder-view.js';
import { messages, messagesProblem, showMessages } from './messages.js';
import { attempt } from './notice.js';
import { Steering } from './steering.js';
import { preciseTimeText, sentenceOf, timeText, wordingOf } from './wording.js';

/** One call: what happened, when, and every message of it. */
export function CallPage({ id }: { readonly id: string }) {
  useEffect(() => showMessages(id), [id]);
  const call = knownCall(id);
  if (!call) {
    return (
      <section class="card">
        <h1>This call is not known</h1>
        <p>
          {messagesProblem.value ?? 'It is being read.'} Records are kept for a few minutes after a call, unless the
          request that placed it asked for longer.
        </p>
      </section>
    );
  }
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

function Facts({ call }: { readonly call: Call }) {
  const times = [
    ['Placed', call.createdAt],
    ['Caller picked up', call.callerAnsweredAt],
    ['Connected', call.connectedAt],
    ['Ended', call.endedAt],
    ['Ends at the latest', call.endsAt],
  ] as const;
  return (
    <dl class="facts">
      {times.map(([title, at]) => at !== undefined && <Fact key={title} title={title} text={timeText(at)} />)}
      <Fact title="Agent" text={call.agent} />
      <Fact title="Method" text={call.method} />
      {call.subject !== undefined && <Fact title="Subject" text={call.subject} />}
      {call.legs?.map(({ role, state, sipStatus }, index) => (
        <Fact
          key={index}
          title={`Leg of the ${role}`}
          text={sipStatus === undefined ? state : `${state}, SIP ${sipStatus}`}
        />
      ))}
      {call.node !== undefined && <Fact title="Node" text={call.node} />}
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

function Messages({ call }: { readonly call: Call }) {
  const drawing = useRef<SVGSVGElement>(null);
  const selected = useSignal<Message | undefined>(undefined);
  const arrows = arrowsOf(messages.value);
  return (
    <section class="card" aria-labelledby="messages-title">
      <div class="title-row">
        <h2 id="messages-title">SIP messages</h2>
        <div class="buttons">
          <button type="button" onClick={() => copy(ladderText(arrows))}>
            Copy as text
          </button>
          <button
            type="button"
            onClick={() =>
              void attempt(async () => drawing.current && (await savePng(drawing.current, `call-${call.id}.png`)))
            }
          >
            Save as PNG
          </button>
          <button type="button" onClick={() => copy(location.href)}>
            Copy the link
          </button>
        </div>
      </div>
      {messagesProblem.value !== undefined && <p class="empty">The messages cannot be read: {messagesProblem.value}</p>}
      {arrows.length === 0 && messagesProblem.value === undefined ? (
        <p class="empty">No message of this call is kept.</p>
      ) : (
        <div class="ladder-frame">
          <LadderView
            call={call}
            arrows={arrows}
            selected={selected.value}
            onSelect={(message) => (selected.value = message)}
            drawing={drawing}
          />
          {selected.value && <MessagePanel message={selected.value} />}
        </div>
      )}
    </section>
  );
}

function copy(text: string): void {
  void attempt(() => navigator.clipboard.writeText(text));
}

function MessagePanel({ message: { at, startLine, cseq, text } }: { readonly message: Message }) {
  return (
    <aside class="panel" aria-label="The message">
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
