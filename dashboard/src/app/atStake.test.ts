import { describe, expect, it } from "vitest";
import { atStake } from "./atStake";

describe("what a stop would close", () => {
  it("is the sum of the positions", () => {
    expect(atStake([{ notional: "900.009", unrealized_pnl: "-4.4" }, { notional: "0.1", unrealized_pnl: "0.3" }])).toEqual({ notional: "900.109", pnl: "-4.1" });
  });

  it("has no result where the price of one position is not known: a part is not the whole", () => {
    expect(atStake([{ notional: "900", unrealized_pnl: "3" }, { notional: "100", unrealized_pnl: null }])).toEqual({ notional: "1000", pnl: null });
  });
});
