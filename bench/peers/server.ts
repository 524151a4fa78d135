/** A server that places Refer calls on HTTP requests: the container, or the one compared with it. */
export interface Server {
  readonly name: string;
  readonly httpPort: number;
  /** The HTTP request that places a call; `######` stands for the number of the call. */
  readonly placeCall: string;
  /** User and system CPU time of all the server's processes so far, in milliseconds. */
  cpuMs(): Promise<number>;
  /** Live memory in bytes: after a garbage collection, or allocated. */
  liveBytes(): Promise<number>;
  stop(): Promise<void>;
}
