import { describe, expect, it } from "vitest";
import { clockTone, OLD_MS, offsetText, weightTone } from "./venueTone";

const NOW = 1_765_416_983_918;
const weight = (used_pct: string, told_ms = NOW) => ({ used: 1, limit: 2_400, used_pct, told_ms });
const clock = (offset_ms: number, measured_ms = NOW) => ({ offset_ms, measured_ms, apart: Math.abs(offset_ms) > 500 });

describe("the weight of the top bar", () => {
  it.each([
    ["0", "good"],
    ["60", "good"],
    ["60.01", "warning"],
    ["80", "warning"],
    ["80.01", "bad"],
    ["100", "bad"],
  ])("at %s % is %s", (used, tone) => {
    expect(weightTone(weight(used), NOW)).toBe(tone);
  });

  it("has no colour where nobody knows, or not of late", () => {
    expect(weightTone(null, NOW)).toBe("plain");
    expect(weightTone(undefined, NOW)).toBe("plain");
    expect(weightTone(weight("99", NOW - OLD_MS), NOW)).toBe("bad");
    expect(weightTone(weight("99", NOW - OLD_MS - 1), NOW)).toBe("plain");
  });
});

describe("the clock of the top bar", () => {
  it.each([
    [0, "good"],
    [-500, "good"],
    [501, "warning"],
    [-1_000, "warning"],
    [1_001, "bad"],
  ])("%s ms off is %s", (offset, tone) => {
    expect(clockTone(clock(offset), NOW)).toBe(tone);
  });

  it("has no colour where it was not measured of late", () => {
    expect(clockTone(null, NOW)).toBe("plain");
    expect(clockTone(clock(0, NOW - OLD_MS - 1), NOW)).toBe("plain");
  });

  it("is told in milliseconds with its sign", () => {
    expect([offsetText(12), offsetText(0), offsetText(-1_204)]).toEqual(["+12 ms", "0 ms", "\u22121,204 ms"]);
  });
});
