import { describe, expect, it } from "vitest";
import { compare, minus, plus, share, times, total } from "./arithmetic";
import type { LiveEvent } from "../../live/contract";
import { heardMore, withEvents } from "./live";
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

describe("live events", () => {
  const event = (at: number, data: Record<string, unknown>): LiveEvent => ({ seq: at, kind: "position", at_ms: at, account: "main", data });
  const row = leg({ id: "p1", opened_at_ms: 50, quantity: "1", unrealized_pnl: "3" });
  const answer = { time_ms: 100, positions: [row], entries: [], unprotected: 0 };
  const data = { account: "main", symbol: "BTCUSDT", side: "LONG", opened_at_ms: 50, quantity: "1", entry_price: "9", notional: "9", filled_risk: "1", reserved_risk: "2", unprotected_since_ms: null, open: true };

  it("that are older than the answer change nothing", () => {
    expect(withEvents(answer, heardMore(new Map(), [event(99, { ...data, quantity: "7" })]))).toEqual([row]);
  });

  it("show a new position at once, without what only the API knows", () => {
    const found = withEvents(answer, heardMore(new Map(), [event(200, { ...data, symbol: "ETHUSDT", side: "SHORT", opened_at_ms: 190, unprotected_since_ms: 190 })]));
    expect(found.map((one) => [one.symbol, one.side, one.id, one.unprotected_for_ms])).toEqual([
      ["BTCUSDT", "LONG", "p1", null],
      ["ETHUSDT", "SHORT", "", 10],
    ]);
  });

  it("move a row, and what depends on its size is not known until it was asked again", () => {
    const [same] = withEvents(answer, heardMore(new Map(), [event(200, { ...data, unprotected_since_ms: 180 })]));
    expect(same).toMatchObject({ id: "p1", unrealized_pnl: "3", unprotected_for_ms: 20 });
    const [grown] = withEvents(answer, heardMore(new Map(), [event(200, { ...data, quantity: "2" })]));
    expect(grown).toMatchObject({ id: "p1", quantity: "2", unrealized_pnl: null });
  });

  it("take away what is closed, and never mistake a later position for it", () => {
    expect(withEvents(answer, heardMore(new Map(), [event(200, { account: "main", symbol: "BTCUSDT", side: "LONG", open: false })]))).toEqual([]);
    const [later] = withEvents(answer, heardMore(new Map(), [event(200, { ...data, opened_at_ms: 195 })]));
    expect(later?.id).toBe("");
  });
});
