import { apiAddress } from "../api/client";
import { currentToken } from "../api/session";
import { readEvent, type LiveEvent } from "./contract";
import type { Line, Listener, Transport } from "./transport";

/** One message of a server-sent event stream. */
export interface Told {
  id: string | null;
  event: string;
  data: string;
}

/** Takes complete messages off the front of `text`; returns them and what is left over. */
export function takeMessages(text: string): { told: Told[]; rest: string } {
  const blocks = text.replaceAll("\r\n", "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  return { told: blocks.map(readBlock).filter((one) => one.data !== "" || one.id !== null), rest };
}

function readBlock(block: string): Told {
  const told: Told = { id: null, event: "message", data: "" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [field = "", ...rest] = line.split(":");
    const value = rest.join(":").replace(/^ /, "");
    if (field === "id") told.id = value;
    else if (field === "event") told.event = value;
    else if (field === "data") data.push(value);
  }
  told.data = data.join("\n");
  return told;
}

/** Server-sent events over fetch, since the browser's own EventSource cannot carry the Authorization header. */
export const streamTransport: Transport = (after, listener) => {
  const stop = new AbortController();
  void read(after, listener, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) listener.lost(error instanceof Error ? error.message : "the stream failed", false);
  });
  return { close: () => stop.abort(), resend: () => undefined } satisfies Line;
};

async function read(after: number | null, listener: Listener, signal: AbortSignal): Promise<void> {
  const headers = new Headers({ Accept: "text/event-stream", Authorization: `Bearer ${currentToken() ?? ""}` });
  if (after !== null) headers.set("Last-Event-ID", String(after));
  const response = await fetch(apiAddress("stream"), { headers, signal, cache: "no-store", credentials: "omit" });
  if (!response.ok || response.body === null) {
    listener.lost(`the stream was answered with ${response.status}`, response.status < 500 && response.status !== 429);
    return;
  }
  listener.opened(null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ; ) {
    const { value, done } = await reader.read();
    const { told, rest } = takeMessages(text + (value ?? ""));
    text = rest;
    for (const one of told) tell(one, listener);
    if (done) break;
  }
  // The gateway ends each answer after a while; that is no failure, and the next one goes on after the last number.
  listener.lost("", false);
}

function tell(told: Told, listener: Listener): void {
  const seq = Number(told.id ?? NaN);
  if (told.event === "reset") listener.reset(seq);
  else if (told.data !== "") {
    const event = readOne(told.data);
    const number = Number.isFinite(seq) ? seq : event?.seq;
    if (number !== undefined) listener.batch(number, number, event === null ? [] : [event]);
  }
}

function readOne(text: string): LiveEvent | null {
  try {
    return readEvent(JSON.parse(text));
  } catch {
    return null;
  }
}
