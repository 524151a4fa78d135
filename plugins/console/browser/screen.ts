import { type ReadonlySignal, signal } from '@preact/signals';

/** A telephone's width; as in the style sheet. */
export const isNarrow = matching('(max-width: 720px)');
export const isDark = matching('(prefers-color-scheme: dark)');

/** Whether a media query holds now. */
function matching(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const holds = signal(list.matches);
  list.addEventListener('change', ({ matches }) => {
    holds.value = matches;
  });
  return holds;
}
