import { Agent, request } from 'node:http';

/**
 * Asks for a page at a fixed rate, whether earlier answers have come or not, in a process of its own: whoever places calls meanwhile
 * has no time to look at the clock. At the end of standard input it prints the milliseconds of each answer.
 */
const [url = '', perSecond = '50'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 50 });
const timesMs: number[] = [];
let open = 0;

const timer = setInterval(
  () => {
    const startMs = performance.now();
    open += 1;
    request(url, { agent }, (response) => {
      response.resume().once('end', () => {
        timesMs.push(performance.now() - startMs);
        settle();
      });
    })
      .once('error', settle)
      .end();
  },
  1_000 / Number(perSecond),
);

function settle(): void {
  open -= 1;
  if (open === 0 && process.stdin.readableEnded) end();
}

function end(): void {
  process.stdout.write(JSON.stringify(timesMs));
  agent.destroy();
}

process.stdin.resume().once('end', () => {
  clearInterval(timer);
  if (open === 0) end();
});
