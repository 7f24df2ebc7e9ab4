import { describe, expect, it } from "vitest";
import { outcomeOf, unanswered } from "./trial";
import type { RouteSetup, RouteTested } from "./types";

const route = (name: string, tested: RouteTested | null): RouteSetup => ({ name, kind: "telegram", levels: ["critical"], told_ms: null, trouble: "", tested });
const tested = (asked_ms: number, outcome: RouteTested["outcome"]): RouteTested => ({ asked_ms, by: "token a", outcome, trouble: outcome === "failed" ? "401" : "" });

describe("a test of the routes", () => {
  it("is waited for until every route that was asked for has its outcome", () => {
    const routes = [route("a", tested(10, "took")), route("b", tested(9, "took")), route("c", tested(10, "under_way")), route("d", null)];
    expect(unanswered(routes, ["a", "b", "c"], 10)).toEqual(["b", "c"]);
    expect(unanswered(routes, ["d"], 10)).toEqual(["d"]);
    expect(unanswered(routes, ["a"], 10)).toEqual([]);
  });

  it("says which routes failed, else which took it", () => {
    const routes = [route("a", tested(10, "took")), route("b", tested(10, "failed"))];
    expect(outcomeOf(routes, ["a", "b"])).toBe("The test failed by: b.");
    expect(outcomeOf(routes, ["a"])).toBe("a took the test. Look whether it arrived.");
  });
});
