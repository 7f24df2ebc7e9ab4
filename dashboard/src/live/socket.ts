import { currentToken } from "../api/session";
import { readMessage, type ServerMessage } from "./contract";
import type { Line, Listener, Transport } from "./transport";

const OPEN_WITHIN_MS = 6_000;
const PING_MS = 30_000;
const SILENT_MS = 45_000;

/** The token is the first message, not a part of the address: addresses are written down by servers on the way. */
export function socketTransport(url: string): Transport {
  return (after, listener) => openSocket(url, after, listener);
}

function openSocket(url: string, after: number | null, listener: Listener): Line {
  const socket = new WebSocket(url);
  let over = false;
  let subscribed = false;
  let heardMs = Date.now();

  const end = (reason: string, refused = false) => {
    if (over) return;
    over = true;
    clearTimeout(opening);
    clearInterval(beat);
    shut(socket);
    listener.lost(reason, refused);
  };
  const say = (message: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const opening = setTimeout(() => {
    if (!subscribed) end("the socket did not open in time");
  }, OPEN_WITHIN_MS);
  const beat = setInterval(() => {
    if (Date.now() - heardMs > SILENT_MS) end("the socket fell silent");
    else say({ action: "ping" });
  }, PING_MS);

  const hear = (message: ServerMessage) => {
    if (message.type === "subscribed") {
      subscribed = true;
      listener.opened(message.seq);
    } else if (message.type === "events") listener.batch(message.first, message.last, message.events);
    else if (message.type === "pong") listener.batch(message.seq + 1, message.seq, []);
    else if (message.type === "reset") listener.reset(message.seq);
    else end(`the socket refused: ${message.code}`, true);
  };

  socket.onopen = () => say({ action: "subscribe", token: currentToken(), after });
  socket.onmessage = (event: MessageEvent<unknown>) => {
    heardMs = Date.now();
    const message = typeof event.data === "string" ? readMessage(event.data) : null;
    if (message !== null && !over) hear(message);
  };
  socket.onclose = () => end("the socket was closed");
  socket.onerror = () => end("the socket failed");

  return {
    close: () => {
      over = true;
      clearTimeout(opening);
      clearInterval(beat);
      shut(socket);
    },
    resend: (seen) => say({ action: "resend", after: seen }),
  };
}

/** One that is still being opened is closed once it is: to give it up earlier, browsers complain on the console. */
function shut(socket: WebSocket): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}
