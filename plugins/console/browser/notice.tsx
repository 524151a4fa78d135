import { signal } from '@preact/signals';
import { Refusal } from './api.js';

interface Message {
  readonly text: string;
  readonly isBad: boolean;
}

const notice = signal<Message | undefined>(undefined);

/** How long a notice stays that nobody has to act on. */
const SHOWN_MS = 4_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells that something was done that does not show elsewhere. */
export function say(text: string): void {
  show({ text, isBad: false });
  timer = setTimeout(close, SHOWN_MS);
}

/** Does what a button is for, and shows why the service refused it. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  close();
  try {
    await action();
    return true;
  } catch (error) {
    show({ text: error instanceof Refusal ? error.message : String(error), isBad: true });
    return false;
  }
}

function show(message: Message | undefined): void {
  clearTimeout(timer);
  notice.value = message;
}

function close(): void {
  show(undefined);
}

export function Notice() {
  const shown = notice.value;
  return (
    <>
      <div class="notice-place" role="status">
        {shown?.isBad === false && <p class="notice">{shown.text}</p>}
      </div>
      <div class="notice-place" role="alert">
        {shown?.isBad === true && (
          <p class="notice bad">
            {shown.text}
            <button type="button" class="plain" onClick={close}>
              Close
            </button>
          </p>
        )}
      </div>
    </>
  );
}
