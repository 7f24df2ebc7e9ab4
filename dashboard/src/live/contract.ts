/** What the desk tells as it happens. `data` has the field names of the row in the API's list of the same kind. */
export const KINDS = [
  "trade_block",
  "liquidation",
  "decision",
  "order",
  "fill",
  "position",
  "risk",
  "balance",
  "alert",
  "switch",
  "request",
] as const;
export type Kind = (typeof KINDS)[number];

export interface LiveEvent {
  seq: number;
  kind: Kind;
  at_ms: number;
  account: string | null;
  data: Readonly<Record<string, unknown>>;
}

export type ServerMessage =
  | { type: "subscribed"; seq: number }
  | { type: "events"; first: number; last: number; events: LiveEvent[] }
  | { type: "pong"; seq: number }
  | { type: "reset"; seq: number }
  | { type: "refused"; code: string };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKind(value: unknown): value is Kind {
  return KINDS.some((kind) => kind === value);
}

/** null for what this page does not know: a newer desk may tell more, and its numbers still count. */
export function readEvent(value: unknown): LiveEvent | null {
  if (!isRecord(value)) return null;
  const { seq, kind, at_ms: atMs, account, data } = value;
  if (typeof seq !== "number" || typeof atMs !== "number" || !isKind(kind)) return null;
  return {
    seq,
    kind,
    at_ms: atMs,
    account: typeof account === "string" ? account : null,
    data: isRecord(data) ? data : {},
  };
}

export function readEvents(value: unknown): LiveEvent[] {
  return Array.isArray(value) ? value.map(readEvent).filter((event) => event !== null) : [];
}

/** null for a message that is none of the contract's. */
export function readMessage(text: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { type, seq, first, last, code } = value;
  if ((type === "subscribed" || type === "pong" || type === "reset") && typeof seq === "number") return { type, seq };
  if (type === "events" && typeof first === "number" && typeof last === "number") {
    return { type, first, last, events: readEvents(value["events"]) };
  }
  if (type === "refused") return { type, code: typeof code === "string" ? code : "refused" };
  return null;
}
