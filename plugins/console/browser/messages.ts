import { signal } from '@preact/signals';
import { callOf, messagesOf, Refusal } from './api.js';
import type { CallMessage } from '../../../sdk/call-info.js';
import { learn } from './calls.js';

/** The messages of the call that is looked at. */
export const messages = signal<readonly CallMessage[]>([]);
export const messagesProblem = signal<string | undefined>(undefined);
let shownId: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Events say that something happened; the messages of a busy call are read at most this often. */
const REREAD_MS = 250;
/** Some messages, such as the response to a BYE, come after the call's last event. */
const AFTERMATH_MS = 2_000;

/** Shows the messages of this call from now on. @returns ends it */
export function showMessages(id: string): () => void {
  shownId = id;
  messages.value = [];
  messagesProblem.value = undefined;
  void read(id);
  const aftermath = setInterval(() => void read(id), AFTERMATH_MS);
  return () => {
    clearInterval(aftermath);
    clearTimeout(timer);
    timer = undefined;
    shownId = undefined;
  };
}

/** Something happened in this call. */
export function refreshMessages(id: string): void {
  if (id !== shownId || timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    void read(id);
  }, REREAD_MS);
}

async function read(id: string): Promise<void> {
  try {
    // Legs change between two events as well.
    const [call, all] = await Promise.all([callOf(id), messagesOf(id)]);
    learn(call);
    if (id !== shownId) return;
    messagesProblem.value = undefined;
    if (all.length !== messages.value.length) messages.value = all;
  } catch (error) {
    if (id === shownId) messagesProblem.value = error instanceof Refusal ? error.message : String(error);
  }
}
