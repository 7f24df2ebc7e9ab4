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

/** What a person should hear of at once; everything else stands on its page. */
export function tell(event: LiveEvent): void {
  if (event.kind === "fill") tellFill(event);
  else if (event.kind === "alert") tellAlert(event);
  else if (event.kind === "trade_block") announce("warning", "Entries are held up", text(event, "reason"));
  else if (event.kind === "switch") announce("info", `${event.account ?? "Account"}: ${text(event, "state").replaceAll("_", " ")}`, text(event, "reason"));
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
  if (tone === undefined || text(event, "state") === "over") return;
  announce(tone, tone === "critical" ? "Critical" : "Look at this", text(event, "message"));
  if (tone === "critical") alarm();
}

function tellRequest(event: LiveEvent): void {
  const state = text(event, "state");
  if (state === "asked") return;
  announce(state === "done" ? "good" : "warning", `${text(event, "what") || "Request"}: ${state}`, text(event, "reason"));
}
