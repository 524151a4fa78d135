/** Who places Refer calls when it is asked to by HTTP: ours, or the one beside it. */
export interface Server {
  readonly name: string;
  readonly httpPort: number;
  /** The HTTP request that places a call; `######` stands for the number of the call. */
  readonly placeCall: string;
  /** User and system CPU time of all its processes so far, in milliseconds. */
  cpuMs(): Promise<number>;
  /** Memory that lives, in bytes: what a garbage collection leaves, or what is allocated. */
  liveBytes(): Promise<number>;
  stop(): Promise<void>;
}
