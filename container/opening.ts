/** Tells which setting a listener that cannot be opened has its port from. @throws Error with the key and the cause */
export async function named<T>(key: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw new Error(`${key}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
