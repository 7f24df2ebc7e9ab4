import { describe, expect, it } from "vitest";
import { cumulated, rangeOf, ranges, shortPrice, sinceBefore } from "./ranges";

const NOW = Date.UTC(2026, 10, 21, 12, 30);

describe("a range", () => {
  it("of days ends now and stays the same within the hour", () => {
    const one = rangeOf("7d", NOW);
    expect(one.toMs).toBeNull();
    expect(one.fromMs).toBe(rangeOf("7d", NOW + 20 * 60_000).fromMs);
  });

  it("of a year is whole, in UTC, to the last millisecond", () => {
    const year = rangeOf("2025", NOW);
    expect(new Date(year.fromMs).toISOString()).toBe("2025-01-01T00:00:00.000Z");
    expect(new Date(year.toMs ?? 0).toISOString()).toBe("2025-12-31T23:59:59.999Z");
    expect(rangeOf("2026", NOW).toMs).toBeNull();
  });

  it("that nobody knows is the usual one", () => {
    expect(rangeOf("for ever", NOW).value).toBe("30d");
    expect(ranges(NOW)).toHaveLength(7);
  });
});

describe("profit by day", () => {
  it("is summed up from the first day on, whatever order it came in, without a lost cent", () => {
    const days = [
      { day: "2026-11-03", net: "-0.3" },
      { day: "2026-11-01", net: "0.1" },
      { day: "2026-11-02", net: "0.2" },
    ];
    expect(cumulated(days).map((one) => one.sum)).toEqual([0.1, 0.3, 0]);
  });
});

describe("an average price", () => {
  it("has as many digits as say something", () => {
    expect(shortPrice("84.721874205845")).toBe("84.72187");
    expect(shortPrice("70583.44")).toBe("70,583.44");
    expect(shortPrice("0.000457830195963")).toBe("0.00045783");
    expect(shortPrice("0.457830195963")).toBe("0.45783");
  });
});

describe("a timeline", () => {
  it("tells how long after the step before", () => {
    expect(sinceBefore(1_040, 1_000)).toBe(40);
    expect(sinceBefore(1_000, undefined)).toBeNull();
  });
});
