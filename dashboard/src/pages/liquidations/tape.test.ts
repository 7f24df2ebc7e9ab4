import { describe, expect, it } from "vitest";
import { admits, barShare, heatShare, merged, percentileOf, rowOf } from "./tape";
import type { TapeRow } from "./types";

function row(id: string, atMs: number, value = "1000"): TapeRow {
  return { id, symbol: "BTCUSDT", side: "SELL", liquidated: "long", quantity: "1", price: value, value, event_time_ms: atMs, watched: true };
}

describe("the tape", () => {
  it("shows each event once, newest first, whichever way it came", () => {
    const shown = merged([row("b", 2), row("a", 1)], [row("c", 3), row("b", 2)]);
    expect(shown.map((one) => one.id)).toEqual(["c", "b", "a"]);
  });

  it("keeps no more than it can show", () => {
    expect(merged([row("a", 1)], [row("b", 2), row("c", 3)], 2).map((one) => one.id)).toEqual(["c", "b"]);
  });

  it("admits by symbol, side and size", () => {
    const all = { symbol: "", liquidated: "", least: "" } as const;
    expect(admits(all, row("a", 1))).toBe(true);
    expect(admits({ ...all, symbol: "ETHUSDT" }, row("a", 1))).toBe(false);
    expect(admits({ ...all, liquidated: "short" }, row("a", 1))).toBe(false);
    expect(admits({ ...all, least: "1000" }, row("a", 1))).toBe(true);
    expect(admits({ ...all, least: "1000.01" }, row("a", 1))).toBe(false);
  });
});

describe("a live event", () => {
  it("is a row like those of the list, or none", () => {
    const one = row("a", 1);
    expect(rowOf({ ...one })).toEqual(one);
    expect(rowOf({ ...one, value: 5 })).toBeNull();
    expect(rowOf({ ...one, liquidated: "both" })).toBeNull();
    expect(rowOf({})).toBeNull();
  });
});

describe("a size", () => {
  const sizes = [
    { percentile: 0, value: "10" },
    { percentile: 50, value: "100" },
    { percentile: 99, value: "5000" },
  ];

  it("stands at the highest percentile that it reaches", () => {
    expect(percentileOf("99", sizes)).toBe(0);
    expect(percentileOf("100", sizes)).toBe(50);
    expect(percentileOf("9000", sizes)).toBe(99);
    expect(percentileOf("5", sizes)).toBe(0);
  });

  it("has no percentile where too few were recorded", () => {
    expect(percentileOf("100", [])).toBeNull();
  });

  it("is drawn so that small ones are seen beside the largest", () => {
    expect(barShare("1000000", 1_000_000)).toBe(100);
    expect(barShare("1000", 1_000_000)).toBeGreaterThan(45);
    expect(barShare("0", 1_000_000)).toBe(0);
    expect(heatShare(25, 100)).toBe(0.5);
    expect(heatShare(0, 0)).toBe(0);
  });
});
