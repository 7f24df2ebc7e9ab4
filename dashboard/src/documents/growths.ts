import type { Problem } from "../api/problem";

/** A setting that lets more be lost, as the API names it when it asks for a confirmation. */
export interface Growth {
  field: string;
  before: string;
  after: string;
}

export function growthsIn(problem: Problem): Growth[] {
  const found = problem.body["grows"];
  if (!Array.isArray(found)) return [];
  return found
    .filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null)
    .map((row) => ({ field: String(row["field"]), before: String(row["before"]), after: String(row["after"]) }));
}
