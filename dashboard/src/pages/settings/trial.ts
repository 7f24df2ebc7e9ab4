import type { RouteSetup } from "./types";

/** Routes of which it is not known yet what came of the test that was asked for at `askedMs`. */
export function unanswered(routes: readonly RouteSetup[], asked: readonly string[], askedMs: number): readonly string[] {
  return routes
    .filter((route) => asked.includes(route.name))
    .filter(({ tested }) => tested === null || tested.asked_ms < askedMs || tested.outcome === "under_way")
    .map((route) => route.name);
}

/** What came of it, in a sentence. */
export function outcomeOf(routes: readonly RouteSetup[], asked: readonly string[]): string {
  const tried = routes.filter((route) => asked.includes(route.name));
  const failed = tried.filter((route) => route.tested?.outcome === "failed").map((route) => route.name);
  if (failed.length > 0) return `The test failed by: ${failed.join(", ")}.`;
  return `${tried.map((route) => route.name).join(", ")} took the test. Look whether it arrived.`;
}
