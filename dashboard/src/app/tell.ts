import type { LiveEvent } from "../live/contract";
import { signOf } from "../words/decimal";
import { exact, signedDollars } from "../words/figures";
import { announce, type NoteTone } from "../ui/announce";
import { alarm } from "./sound";

const text = (event: LiveEvent, field: string): string => {
  const value = event.data[field];
  return typeof value === "string" ? value : "";
};

const LEVELS: Readonly<Record<string, NoteTone>> = { critical: "critical", high: "warning" };

const MOST_FILLS = 2;

/** What a person should hear of at once; everything else stands on its page. Many fills at once are one note. */
export function tell(events: readonly LiveEvent[], self: string): void {
  const fills = events.filter((event) => event.kind === "fill");
  if (fills.length > MOST_FILLS) announce("info", `${fills.length} fills`, symbolsOf(fills));
  else fills.forEach(tellFill);
  for (const event of events) tellOther(event, self);
}

function symbolsOf(events: readonly LiveEvent[]): string {
  return [...new Set(events.map((event) => text(event, "symbol")))].join(", ");
}

function tellOther(event: LiveEvent, self: string): void {
  if (event.kind === "alert") tellAlert(event);
  else if (event.kind === "trade_block") tellBlock(event);
  // What was done on this page was told when it was answered.
  else if (event.kind === "switch" && text(event, "by") !== self) announce("info", `${event.account ?? "Account"}: ${text(event, "state").replaceAll("_", " ")}`, text(event, "reason"));
  else if (event.kind === "request") tellRequest(event);
}

function tellFill(event: LiveEvent): void {
  const realized = text(event, "realized_pnl");
  const sign = signOf(realized);
  const what = `${text(event, "side") === "BUY" ? "Bought" : "Sold"} ${exact(text(event, "quantity"))} ${text(event, "symbol")}`;
  const result = sign === 0 ? "" : `, realised ${signedDollars(realized)}`;
  announce(sign > 0 ? "good" : "info", what, `at ${exact(text(event, "price"))}${result}`);
}

function tellAlert(event: LiveEvent): void {
  const tone = LEVELS[text(event, "level")];
  // What somebody has seen goes on in silence.
  if (tone === undefined || event.data["open"] === false || text(event, "acknowledged_by") !== "") return;
  announce(tone, tone === "critical" ? "Critical" : "Look at this", text(event, "message"));
  if (tone === "critical") alarm();
}

/** Of these the event of the switch itself tells. */
const SWITCHES: readonly string[] = ["paused", "close_only", "flatten"];
let lastBlock = "";

/** The banner lists all of them; a note tells of the first when it is another than before. */
function tellBlock(event: LiveEvent): void {
  const blocks = event.data["blocks"];
  const first: unknown = Array.isArray(blocks) ? blocks[0] : undefined;
  const field = (name: "reason" | "kind") => (typeof first === "object" && first !== null ? String(Reflect.get(first, name)) : "");
  const reason = field("reason");
  const switched = SWITCHES.includes(field("kind"));
  if (reason !== "" && !switched && reason !== lastBlock) announce("warning", "Entries are held up", reason);
  if (reason === "" && lastBlock !== "") announce("good", "Nothing holds up entries any more");
  lastBlock = reason;
}

function tellRequest(event: LiveEvent): void {
  const state = text(event, "state");
  if (state === "asked") return;
  announce(state === "done" ? "good" : "warning", `${text(event, "what") || "Request"}: ${state}`, text(event, "reason"));
}
