import type { components } from "../api/schema";

/** Documents that people configure the desk with: strategies, the account-wide settings. */
type Schemas = components["schemas"];

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export type Flaw = Schemas["FlawFound"];
/** What the API says of a document that is stored nowhere. */
export interface Checked {
  valid: boolean;
  flaws: readonly Flaw[];
  warnings: readonly string[];
}
/** A document is JSON and nothing else; what is in it, its schema says. */
export type Changed = Omit<Schemas["ChangedDocument"], "document"> & { document: JsonObject };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
