/** The error with which a promise rejects. @throws Error if the promise resolves */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (!outcome) throw new Error('The promise was kept, not broken');
  return outcome;
}
