/** How many events wait, up to a limit. What waits in a part counts in the whole as well. */
export class Waiting {
  #count = 0;

  constructor(
    private readonly most: number,
    private readonly whole?: Waiting,
  ) {}

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.most || this.whole?.isFull === true;
  }

  add(count: 1 | -1): void {
    this.#count += count;
    this.whole?.add(count);
  }
}
