/** One thing that is wrong with what was given. */
export interface Flaw {
  field: string;
  value: string;
  allowed: string;
}

/** An answer of the API that is no success. `code` never changes its meaning; title and detail are for people. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly flaws: readonly Flaw[] = [],
    /** The whole body: some problems say more, e.g. what would grow. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail === "" ? title : `${title}: ${detail}`);
  }

  flawOf(field: string): Flaw | undefined {
    return this.flaws.find((flaw) => flaw.field === field);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const words = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);

function flawsIn(body: Record<string, unknown>): Flaw[] {
  const found = body["flaws"];
  if (!Array.isArray(found)) return [];
  return found.filter(isRecord).map((flaw) => ({
    field: words(flaw["field"], ""),
    value: words(flaw["value"], ""),
    allowed: words(flaw["allowed"], ""),
  }));
}

/** Also reads what a gateway answers before the API is asked: it has a `message` and no code. */
export function problemFrom(status: number, body: unknown): Problem {
  const given = isRecord(body) ? body : {};
  const title = words(given["title"], words(given["message"], `The API answered ${status}`));
  return new Problem(
    status,
    words(given["code"], `http_${status}`),
    title,
    words(given["detail"], ""),
    flawsIn(given),
    given,
  );
}

export function unreachable(reason: unknown): Problem {
  const detail = reason instanceof Error ? reason.message : "";
  return new Problem(0, "unreachable", "The API cannot be reached", detail);
}

const BEGUN_BEFORE: readonly string[] = ["in_progress", "outcome_unknown"];

/** What a failed action left behind: `nothing`, in words, where the API refused it. An answer that never came, or a
 * failure on the way, may have been of something that was done all the same. */
export function leftUndone(problem: Problem, nothing: string): string {
  const refused = problem.status >= 400 && problem.status < 500 && !BEGUN_BEFORE.includes(problem.code);
  return refused ? nothing : "It is not known whether it was done: look before you ask again.";
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "page_error", "This page made an error", error instanceof Error ? error.message : String(error));
}
