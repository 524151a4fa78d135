/** What is written in a field of a form, without blanks around it; empty if there is no such field. */
export function fieldOf(form: EventTarget | null, name: string): string {
  if (!(form instanceof HTMLFormElement)) return '';
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
}
