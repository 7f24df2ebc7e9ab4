import { asNumber } from "../../words/decimal";
import { exact, shortDollars } from "../../words/figures";
import type { CandleRow, Chart, Gap } from "./types";

export const INTERVALS: readonly { value: string; title: string; spanMs: number }[] = [
  { value: "1m", title: "1 minute, last 4 hours", spanMs: 4 * 3_600_000 },
  { value: "5m", title: "5 minutes, last day", spanMs: 24 * 3_600_000 },
  { value: "15m", title: "15 minutes, last 2 days", spanMs: 48 * 3_600_000 },
  { value: "1h", title: "1 hour, last 2 weeks", spanMs: 14 * 24 * 3_600_000 },
  { value: "4h", title: "4 hours, last 2 months", spanMs: 60 * 24 * 3_600_000 },
];

/** The first and last candle that a gap touches; null where it lies outside of all of them. */
export function candlesIn(gap: Gap, candles: readonly CandleRow[], stepMs: number): readonly [number, number] | null {
  const until = gap.to_ms ?? Infinity;
  let first = -1;
  let last = -1;
  candles.forEach((candle, index) => {
    if (candle.time_ms + stepMs <= gap.from_ms || candle.time_ms >= until) return;
    if (first === -1) first = index;
    last = index;
  });
  return first === -1 ? null : [first, last];
}

/** How many digits behind the point the prices of a chart have. */
export function precisionOf(candles: readonly CandleRow[]): number {
  const places = candles.map((candle) => candle.close.split(".")[1]?.length ?? 0);
  return Math.min(10, Math.max(0, ...places));
}

/** The chart in words, for those who do not see it. */
export function chartSummary(chart: Chart): string {
  const last = chart.candles.at(-1);
  if (last === undefined) return `No candles of ${chart.symbol}.`;
  const highest = chart.candles.reduce((most, one) => (asNumber(one.high) > asNumber(most.high) ? one : most), last);
  const lowest = chart.candles.reduce((least, one) => (asNumber(one.low) < asNumber(least.low) ? one : least), last);
  const sum = (side: "long_value" | "short_value") =>
    shortDollars(String(chart.liquidations.reduce((total, one) => total + asNumber(one[side]), 0)));
  return [
    `${chart.symbol} last ${exact(last.close)}, between ${exact(lowest.low)} and ${exact(highest.high)}.`,
    `Liquidated: longs ${sum("long_value")}, shorts ${sum("short_value")}.`,
    `${fills(chart.fills.length)} of ours; ${gaps(chart.gaps.length)} in the recording.`,
  ].join(" ");
}

const fills = (n: number) => (n === 1 ? "1 fill" : `${n} fills`);
const gaps = (n: number) => (n === 0 ? "no gap" : n === 1 ? "1 gap" : `${n} gaps`);
