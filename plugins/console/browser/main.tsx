import { render } from 'preact';
import { App } from './app.js';
import { watchCalls } from './calls.js';
import { refreshMessages } from './messages.js';

const root = document.querySelector('#app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
watchCalls(({ data: { call } }) => refreshMessages(call.id));
