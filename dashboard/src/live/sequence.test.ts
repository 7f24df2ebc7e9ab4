import { describe, expect, it } from "vitest";
import type { LiveEvent } from "./contract";
import { readBatch, waitMs } from "./sequence";

const event = (seq: number): LiveEvent => ({ seq, kind: "fill", at_ms: 1, account: "main", data: {} });

describe("numbers of the feed", () => {
  it("go on where they ended", () => {
    expect(readBatch(4, 5, 6, [event(5), event(6)])).toEqual({ kind: "next", seen: 6, fresh: [event(5), event(6)] });
  });

  it("that were seen are left out of a batch that overlaps", () => {
    expect(readBatch(5, 5, 6, [event(5), event(6)])).toEqual({ kind: "next", seen: 6, fresh: [event(6)] });
    expect(readBatch(6, 5, 6, [event(5), event(6)])).toEqual({ kind: "old" });
  });

  it("show what is missing", () => {
    expect(readBatch(4, 6, 6, [event(6)])).toEqual({ kind: "gap", after: 4 });
  });

  it("begin anywhere for who has seen nothing", () => {
    expect(readBatch(null, 70, 70, [event(70)])).toMatchObject({ kind: "next", seen: 70 });
  });
});

describe("the wait before the next try", () => {
  it("doubles up to half a minute, and is spread", () => {
    expect(waitMs(0, () => 1)).toBe(500);
    expect(waitMs(3, () => 1)).toBe(4_000);
    expect(waitMs(50, () => 1)).toBe(30_000);
    expect(waitMs(3, () => 0)).toBe(2_000);
  });
});
