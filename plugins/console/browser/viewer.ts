/** The user who has logged in; undefined inside the cluster, where nobody does and all is shown. */
export const loggedInAs = named(document.querySelector<HTMLElement>('#app')?.dataset['user']);

function named(encoded: string | undefined): string | undefined {
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}
