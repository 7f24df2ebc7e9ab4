import { describe, expect, it } from "vitest";
import { adlWords, lightsOf } from "./adlWords";

const NOW = 1_765_416_983_918;
const told = (rank: number | null, reason = "") => ({ rank, asked_ms: NOW - 90_000, reason });

describe("the rank for auto-deleveraging", () => {
  it("burns one to five lights", () => {
    expect([0, 1, 2, 3, 4].map((rank) => lightsOf(told(rank)))).toEqual([1, 2, 3, 4, 5]);
  });

  it("burns none where it is not known, which is not the lowest rank", () => {
    expect(lightsOf(told(null))).toBeNull();
    expect(lightsOf(undefined)).toBeNull();
  });

  it("is told in words with its age", () => {
    expect(adlWords(told(4), NOW)).toBe("Auto-deleveraging: 5 of 5, first in line to be closed to cover others' losses, told 1 min ago");
    expect(adlWords(told(0), NOW)).toContain("1 of 5, last in line");
    expect(adlWords(told(2), NOW)).toContain("3 of 5, in line");
  });

  it("says why it is not known", () => {
    expect(adlWords(undefined, NOW)).toContain("not asked yet");
    expect(adlWords({ rank: null, asked_ms: null, reason: "" }, NOW)).toContain("not asked yet");
    expect(adlWords(told(null), NOW)).toContain("old");
    expect(adlWords(told(null, "no answer"), NOW)).toContain("no answer");
  });
});
