import { get } from "../api/client";
import { asProblem } from "../api/problem";
import { readEvents } from "./contract";
import type { Listener, Transport } from "./transport";

const EVERY_MS = 4_000;

interface Feed {
  events: unknown;
  seq: number;
  reset: boolean;
}

/** Asks every few seconds: where neither a socket nor a stream gets through. */
export const pollingTransport: Transport = (after, listener) => {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let seen = after;
  let first = true;

  const ask = async () => {
    const { data } = await get<Feed>("feed", { after: seen }, stop.signal);
    if (first) listener.opened(seen === null ? data.seq : null);
    first = false;
    seen = pass(seen, data, listener);
    timer = setTimeout(run, EVERY_MS);
  };
  const run = () => {
    ask().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      const problem = asProblem(error);
      listener.lost(problem.title, problem.status >= 400 && problem.status < 500 && problem.status !== 429);
    });
  };
  run();
  return {
    close: () => {
      stop.abort();
      clearTimeout(timer);
    },
    resend: (from) => {
      seen = from;
    },
  };
};

function pass(seen: number | null, told: Feed, listener: Listener): number {
  const events = readEvents(told.events);
  if (told.reset) {
    listener.reset(told.seq);
    return told.seq;
  }
  const last = events.at(-1)?.seq ?? seen ?? told.seq;
  if (events.length > 0) listener.batch((seen ?? (events[0]?.seq ?? 1) - 1) + 1, last, events);
  return last;
}
