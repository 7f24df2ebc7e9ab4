import { describe, expect, it } from "vitest";
import { candlesIn, chartSummary, precisionOf } from "./chart";
import type { CandleRow, Chart } from "./types";

const candle = (minute: number, close = "100.50"): CandleRow => ({
  time_ms: minute * 60_000,
  open: "100",
  high: "102",
  low: "99",
  close,
  volume: "1",
  closed: true,
});
const candles = [0, 1, 2, 3].map((minute) => candle(minute));

describe("a chart", () => {
  it("shades the candles that a gap touches, the whole rest where it is still open", () => {
    const gap = (from_ms: number, to_ms: number | null) => ({ from_ms, to_ms, reason: "" });
    expect(candlesIn(gap(61_000, 62_000), candles, 60_000)).toEqual([1, 1]);
    expect(candlesIn(gap(119_999, 180_001), candles, 60_000)).toEqual([1, 3]);
    expect(candlesIn(gap(120_000, null), candles, 60_000)).toEqual([2, 3]);
    expect(candlesIn(gap(240_000, 250_000), candles, 60_000)).toBeNull();
  });

  it("shows as many digits as its prices have", () => {
    expect(precisionOf([candle(0, "1"), candle(1, "1.25")])).toBe(2);
    expect(precisionOf([])).toBe(0);
  });

  it("is told in words as well", () => {
    const chart = {
      symbol: "BTCUSDT",
      candles,
      liquidations: [{ time_ms: 0, long_value: "2000", short_value: "0", largest: "2000", count: 1 }],
      fills: [],
      gaps: [{ from_ms: 0, to_ms: 1, reason: "" }],
    } as unknown as Chart;
    expect(chartSummary(chart)).toBe(
      "BTCUSDT last 100.5, between 99 and 102. Liquidated: longs $2,000, shorts $0.00. 0 fills of ours; 1 gap in the recording.",
    );
  });
});
