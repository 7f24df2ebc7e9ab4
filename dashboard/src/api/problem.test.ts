import { describe, expect, it } from "vitest";
import { Problem, leftUndone, unreachable } from "./problem";

const UNKNOWN = "It is not known whether it was done: look before you ask again.";

describe("what a failed action left behind", () => {
  it("is nothing where the API refused", () => {
    for (const status of [400, 401, 403, 404, 409, 412, 422, 428, 429]) {
      expect(leftUndone(new Problem(status, "refused", "", ""), "Nothing was done.")).toBe("Nothing was done.");
    }
  });

  it("is not known where no answer came, or one of a failure on the way", () => {
    expect(leftUndone(unreachable(new Error("timed out")), "Nothing was done.")).toBe(UNKNOWN);
    for (const status of [500, 502, 503, 504]) {
      expect(leftUndone(new Problem(status, "http", "", ""), "Nothing was done.")).toBe(UNKNOWN);
    }
  });

  it("is not known of what was begun before under the same key", () => {
    for (const code of ["in_progress", "outcome_unknown"]) {
      expect(leftUndone(new Problem(409, code, "", ""), "Nothing was sent.")).toBe(UNKNOWN);
    }
  });
});
