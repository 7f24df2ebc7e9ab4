import { describe, expect, it } from "vitest";
import type { DecisionRow, Margin } from "./types";
import { horizon, marginText, measured, rowOf, spoken, verdictOf, withCome } from "./words";

const margin: Margin = {
  name: "volume",
  value: "7500",
  wanted: "at least",
  limit_name: "volume_threshold",
  limit: "10000",
  short_by: "2500",
  short_by_pct: "25",
};

describe("decisions that come live", () => {
  const row = (id: string, atMs: number, gate = "volume"): DecisionRow =>
    ({ id, account: "main", strategy: "hunter", symbol: "BTCUSDT", outcome: "refused", gate, reason: "", inputs: {}, thresholds: {}, decided_at_ms: atMs }) as unknown as DecisionRow;
  const every = { outcome: "", gate: "", symbol: "", strategy: "" };

  it("stand before the others, each once, as far as the filters admit them", () => {
    const shown = withCome([row("a", 1)], [row("c", 3, "window"), row("b", 2), row("a", 1)], every, 2);
    expect(shown.map((one) => one.id)).toEqual(["c", "b"]);
    expect(withCome([row("a", 1)], [row("c", 3, "window")], { ...every, gate: "volume" }, 9).map((one) => one.id)).toEqual(["a"]);
  });

  it("are read only where they are whole", () => {
    expect(rowOf({ ...row("a", 1) })?.id).toBe("a");
    expect(rowOf({ id: "a" })).toBeNull();
  });
});

describe("the record of a decision", () => {
  it("is told with the units that its names carry", () => {
    expect(measured("age_ms", "6200")).toBe("6 s");
    expect(measured("distance_pct", "2.5")).toBe("2.5%");
    expect(measured("since_ms", "1765417000000")).toBe("2025-12-11 01:36:40 UTC");
    expect(measured("window_s", "60")).toBe("1 min");
    expect(measured("cascade", "orange")).toBe("orange");
    expect(measured("left_ms", "-300")).toBe("−300 ms");
    expect(spoken("max_age_ms")).toBe("max age");
  });

  it("says by how much a gate failed", () => {
    expect(marginText(margin)).toBe("volume 7,500: 2,500 short of 10,000 (25.0%)");
    expect(marginText({ ...margin, name: "age_ms", value: "6000", wanted: "at most", limit_name: "max_age_ms", limit: "5000", short_by: "1000", short_by_pct: "20" })).toBe(
      "age 6 s: 1 s over 5 s (20.0%)",
    );
    expect(marginText({ ...margin, name: "positions", value: "5", wanted: "below", limit_name: "max_positions", limit: "5", short_by: "0", short_by_pct: "0" })).toBe(
      "positions 5: just at the limit of 5",
    );
  });

  it("calls a refusal bad where the price then went its way, and an entry good", () => {
    expect(verdictOf("refused", "1.2")).toBe("bad");
    expect(verdictOf("refused", "-0.4")).toBe("good");
    expect(verdictOf("taken", "0.4")).toBe("good");
    expect(verdictOf("taken", "0")).toBeNull();
    expect(verdictOf("taken", null)).toBeNull();
    expect(horizon(240)).toBe("4 h");
    expect(horizon(30)).toBe("30 min");
  });
});
