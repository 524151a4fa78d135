import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fieldOf } from './form.js';
import { SUGGESTIONS, suggest } from './suggestions.js';

interface Question {
  readonly text: string;
  readonly yes: string;
  /** Asks for a text as well, under this label. */
  readonly label?: string;
  readonly answer: (text: string | undefined) => void;
}

const question = signal<Question | undefined>(undefined);

/** Asks before something that cannot be undone. */
export function confirmed(text: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = { text, yes, answer: (answer) => resolve(answer !== undefined) };
  });
}

/** Asks for a text. Undefined: the user thought better of it. */
export function askFor(text: string, label: string, yes: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    question.value = { text, label, yes, answer: resolve };
  });
}

/** The browser's own dialog: it keeps the focus inside, and Escape closes it. */
export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = question.value;
  useEffect(() => {
    if (asked) dialog.current?.showModal();
  }, [asked]);
  if (!asked) return null;
  const finish = (answer: string | undefined): void => {
    question.value = undefined;
    asked.answer(answer);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    finish(fieldOf(event.target, 'text'));
  };
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={() => finish(undefined)}>
      <form onSubmit={submit} onInput={suggest}>
        <p id="question">{asked.text}</p>
        {asked.label !== undefined && (
          <label>
            {asked.label}
            <input name="text" required autocomplete="off" list={SUGGESTIONS} />
          </label>
        )}
        <div class="buttons">
          <button type="submit" class="danger">
            {asked.yes}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
        </div>
      </form>
    </dialog>
  );
}
