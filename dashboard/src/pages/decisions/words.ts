import { exact, percent } from "../../words/figures";
import { duration } from "../../words/times";
import type { DecisionRow, Margin, PriceThen } from "./types";

export const RANGES: readonly { value: string; title: string; ms: number }[] = [
  { value: "1h", title: "Last hour", ms: 3_600_000 },
  { value: "6h", title: "Last 6 hours", ms: 6 * 3_600_000 },
  { value: "24h", title: "Last 24 hours", ms: 24 * 3_600_000 },
  { value: "7d", title: "Last 7 days", ms: 7 * 24 * 3_600_000 },
  { value: "30d", title: "Last 30 days", ms: 30 * 24 * 3_600_000 },
];

/** `volume_threshold` as people say it. */
export function spoken(name: string): string {
  return name.replace(/_(ms|pct|s)$/, "").replaceAll("_", " ");
}

/** A figure of the record with its unit, which its name tells. */
export function measured(name: string, text: string): string {
  if (!/^-?\d/.test(text)) return text;
  if (name.endsWith("_at_ms") || name.endsWith("since_ms") || name === "until_ms") return momentOf(text);
  if (name.endsWith("_ms")) return signedDuration(Number(text));
  if (name.endsWith("_s")) return signedDuration(Number(text) * 1_000);
  if (name.endsWith("_pct")) return percent(text, 3);
  return exact(text);
}

function momentOf(text: string): string {
  const ms = Number(text);
  return ms > 1e12 ? `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC` : text;
}

const signedDuration = (ms: number): string => (ms < 0 ? `−${duration(-ms)}` : duration(ms));

/** By how much a gate failed: "volume 7,500: 2,500 short of 10,000 (25%)". */
export function marginText(margin: Margin): string {
  const limit = measured(margin.limit_name === "0" ? margin.name : margin.limit_name, margin.limit);
  const by = measured(margin.name, margin.short_by);
  const share = margin.short_by_pct === null ? "" : ` (${percent(margin.short_by_pct, 1)})`;
  const bound = { "at least": "short of", "at most": "over", above: "short of", below: "over" }[margin.wanted];
  const value = `${spoken(margin.name)} ${measured(margin.name, margin.value)}`;
  return /^0(\.0+)?$/.test(margin.short_by) ? `${value}: just at the limit of ${limit}` : `${value}: ${by} ${bound} ${limit}${share}`;
}

export function horizon(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** What stands where there is no figure. */
export function unknownText(then: PriceThen): string {
  return then.state === "not_yet" ? "not yet" : "not known";
}

/** A live event's row; null where it is not one that can be shown. Figures of the record are told when it is opened. */
export function rowOf(data: Readonly<Record<string, unknown>>): DecisionRow | null {
  const told = data as Partial<Record<keyof DecisionRow, unknown>>;
  const texts = [told.id, told.account, told.strategy, told.symbol, told.outcome, told.gate, told.reason];
  const whole = texts.every((text) => typeof text === "string") && typeof told.decided_at_ms === "number";
  const recorded = typeof told.inputs === "object" && told.inputs !== null && typeof told.thresholds === "object";
  // The feed's contract: `data` has the fields of the row of the list.
  return whole && recorded ? (data as unknown as DecisionRow) : null;
}

export interface RowFilter {
  outcome: string;
  gate: string;
  symbol: string;
  strategy: string;
}

/** The newest `most` of what was shown and what came, each once, as far as the filters admit them. */
export function withCome(shown: readonly DecisionRow[], came: readonly DecisionRow[], filter: RowFilter, most: number): DecisionRow[] {
  const byId = new Map<string, DecisionRow>();
  for (const row of [...came, ...shown]) if (!byId.has(row.id) && admits(filter, row)) byId.set(row.id, row);
  return [...byId.values()].sort((one, other) => other.decided_at_ms - one.decided_at_ms).slice(0, most);
}

function admits(filter: RowFilter, row: DecisionRow): boolean {
  const wanted = [
    [filter.outcome, row.outcome],
    [filter.gate, row.gate],
    [filter.symbol, row.symbol],
    [filter.strategy, row.strategy],
  ];
  return wanted.every(([asked, found]) => asked === "" || asked === found);
}

export const PHASES: Record<string, string> = {
  signal: "Signal",
  account: "Account",
  proposal: "Entry",
  checks: "Checks",
  layers: "Eight layers of the risk gate",
  claim: "Reservation",
};

/** Whether a refusal was right so far: the price then went against the side that was not taken. */
export function verdictOf(outcome: string, inFavour: string | null): "good" | "bad" | null {
  if (inFavour === null || /^-?0(\.0+)?$/.test(inFavour)) return null;
  const gained = !inFavour.startsWith("-");
  return (outcome === "refused") === gained ? "bad" : "good";
}
