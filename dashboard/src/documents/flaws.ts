import { flawOf, type FieldSchema } from "./schema";
import type { Flaw } from "./types";

const MISSING = "it is missing";

export function isMissing(flaw: Flaw): boolean {
  return flaw.value.startsWith(MISSING);
}

/** What the API found, as it stands beside the field. */
export function flawWords(flaw: Flaw): string {
  return `${isMissing(flaw) ? "It is missing" : `Not ${flaw.value}`}. Allowed: ${flaw.allowed}.`;
}

/** What the schema alone says of a text, at once. */
export function localFlaw(field: FieldSchema | undefined, text: string | undefined): string | null {
  return field === undefined || text === undefined ? null : flawOf(field, text);
}
