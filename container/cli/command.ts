/** An option for `parseArgs`, and its text in the usage. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Stands for the value of an option that takes one. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The given values; TypeScript knows the names from the command's options. */
export type Given<O extends Options> = {
  readonly [Name in keyof O]?: O[Name]['type'] extends 'boolean' ? boolean : string;
};

/** A command of `sipxrest`. */
export interface Command<O extends Options = Options> {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Names of the operands, all of which have to be given. */
  readonly operands: readonly string[];
  readonly options: O;
  /** Further text for the usage. */
  readonly notes?: string;
  /**
   * @returns the exit code
   * @throws UsageError on an invalid operand or option
   */
  run(given: Given<O>, ...operands: string[]): Promise<number>;
}

/** Keeps the names of the options in the type. */
export function command<const O extends Options>(definition: Command<O>): Command<O> {
  return definition;
}

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
