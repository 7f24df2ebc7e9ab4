import { describe, expect, it } from "vitest";
import { compare, minus, plus, share, times, total } from "./arithmetic";
import { holdingsOf, pairOf } from "./pairs";
import type { Position } from "./types";

const leg = (fields: Partial<Position>): Position =>
  ({ account: "main", mode: "paper", symbol: "BTCUSDT", side: "LONG", quantity: "1", unrealized_pnl: "0", unprotected_for_ms: null, stop: null, ...fields }) as Position;

describe("figures of a dialog", () => {
  it("are exact where floats are not", () => {
    expect(plus("0.1", "0.2")).toBe("0.3");
    expect(minus("0.3", "0.1")).toBe("0.2");
    expect(times("1.1", "1.1")).toBe("1.21");
    expect(share("0.009", "50")).toBe("0.0045");
    expect(share("123456789012345678.12", "100")).toBe("123456789012345678.12");
  });

  it("say nothing of what is no figure", () => {
    expect(share("0.009", "half")).toBeNull();
    expect(total(["1", null])).toBeNull();
    expect(total([])).toBe("0");
  });

  it("are compared by value", () => {
    expect(compare("100.10", "100.1")).toBe(0);
    expect(compare("9", "10")).toBe(-1);
    expect(compare("-1", "-2")).toBe(1);
  });
});

describe("holdings", () => {
  it("bring the two legs of a symbol together, long first", () => {
    const [holding] = holdingsOf([leg({ side: "SHORT", quantity: "0.4", unrealized_pnl: "-3" }), leg({ unrealized_pnl: "5.5" })]);
    expect(holding?.legs.map((one) => one.side)).toEqual(["LONG", "SHORT"]);
    expect(holding && pairOf(holding)).toEqual({ net: "0.6", pnl: "2.5", atStops: null });
  });

  it("keep accounts apart", () => {
    expect(holdingsOf([leg({}), leg({ account: "other" })])).toHaveLength(2);
  });

  it("show what has no stop first", () => {
    const found = holdingsOf([leg({ symbol: "AAA" }), leg({ symbol: "ZZZ", unprotected_for_ms: 900 })]);
    expect(found.map((one) => one.symbol)).toEqual(["ZZZ", "AAA"]);
  });
});
