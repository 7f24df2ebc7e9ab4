import { asNumber } from "../../words/decimal";
import type { SizeAt, TapeRow } from "./types";

const MOST_SHOWN = 200;

/** Newest first, each event once: what was shown, with what came by another way. */
export function merged(shown: readonly TapeRow[], came: readonly TapeRow[], most = MOST_SHOWN): TapeRow[] {
  const byId = new Map<string, TapeRow>();
  for (const row of [...came, ...shown]) if (!byId.has(row.id)) byId.set(row.id, row);
  return [...byId.values()].sort((one, other) => other.event_time_ms - one.event_time_ms).slice(0, most);
}

/** A live event's row; null where it is not one that can be shown. */
export function rowOf(data: Readonly<Record<string, unknown>>): TapeRow | null {
  const { id, symbol, side, liquidated, quantity, price, value, event_time_ms: atMs, watched } = data;
  if (typeof id !== "string" || typeof symbol !== "string" || typeof atMs !== "number") return null;
  if (typeof quantity !== "string" || typeof price !== "string" || typeof value !== "string") return null;
  if ((side !== "BUY" && side !== "SELL") || (liquidated !== "long" && liquidated !== "short")) return null;
  return { id, symbol, side, liquidated, quantity, price, value, event_time_ms: atMs, watched: watched === true };
}

export interface TapeFilter {
  symbol: string;
  liquidated: "" | "long" | "short";
  /** Decimal text; empty admits every size. */
  least: string;
}

export function admits(filter: TapeFilter, row: TapeRow): boolean {
  return (
    (filter.symbol === "" || row.symbol === filter.symbol) &&
    (filter.liquidated === "" || row.liquidated === filter.liquidated) &&
    (filter.least === "" || asNumber(row.value) >= asNumber(filter.least))
  );
}

/** Where a size stands among earlier ones: the highest of the told percentiles that it reaches, null without any. */
export function percentileOf(value: string, sizes: readonly SizeAt[]): number | null {
  let reached: number | null = null;
  for (const size of sizes) if (asNumber(value) >= asNumber(size.value)) reached = size.percentile;
  return sizes.length === 0 ? null : (reached ?? 0);
}

/** How long the bar of a size is, 0 to 100. On a logarithm: the largest is thousands of times the usual. */
export function barShare(value: string, largest: number): number {
  const size = asNumber(value);
  if (!(size > 0) || !(largest > 1)) return 0;
  return Math.max(2, Math.min(100, (100 * Math.log10(1 + size)) / Math.log10(1 + largest)));
}

/** How strongly a cell of the heat table is painted, 0 to 1, by the square root of its value. */
export function heatShare(value: number, largest: number): number {
  return value > 0 && largest > 0 ? Math.sqrt(Math.min(1, value / largest)) : 0;
}
