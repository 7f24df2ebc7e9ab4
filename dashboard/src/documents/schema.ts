/** One setting as the API's own schema describes it, and what a typed text is worth by it. */
export interface FieldSchema {
  title: string;
  description: string;
  type: string | readonly string[];
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  default?: string | number | boolean | null;
  "x-unit": string | null;
  "x-allowed": string;
  "x-required"?: boolean;
  "x-minimum"?: string;
  "x-exclusive-minimum"?: string;
  "x-maximum"?: string;
}

export interface Group {
  title: string;
  description: string;
  settings: readonly string[];
}

export interface SettingsSchema {
  properties: Readonly<Record<string, FieldSchema>>;
  "x-groups": readonly Group[];
}

export type Sort = "figure" | "whole" | "choice" | "switch" | "text";

/** What a field that may be null is called when it is. */
export const NO_BOUND = "none";

const FIGURE = /^-?\d{1,15}(\.\d{1,12})?$/;
const WHOLE = /^-?\d{1,15}$/;

function types(field: FieldSchema): readonly string[] {
  return typeof field.type === "string" ? [field.type] : field.type;
}

export function mayBeNone(field: FieldSchema): boolean {
  return types(field).includes("null");
}

export function sortOf(field: FieldSchema): Sort {
  if (field.enum !== undefined) return "choice";
  const named = types(field);
  if (named.includes("boolean")) return "switch";
  if (named.includes("integer")) return "whole";
  if (named.includes("number")) return "figure";
  return "text";
}

/** A value of a document as the text that stands in its field. */
export function textOf(value: unknown): string {
  return value === null ? NO_BOUND : String(value);
}

/** -1, 0 or 1. On the digits: figures of money never pass through binary fractions. */
export function compareFigures(one: string, other: string): number {
  const [a, b] = [scaled(one), scaled(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function scaled(text: string): bigint {
  const negative = text.startsWith("-");
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".", 2);
  const digits = BigInt(whole + fraction.padEnd(18, "0"));
  return negative ? -digits : digits;
}

/** What is wrong with `text` by the schema alone; null when nothing is. An empty text gives nothing, which is no flaw here. */
export function flawOf(field: FieldSchema, text: string): string | null {
  const given = text.trim();
  if (given === "" || (given === NO_BOUND && mayBeNone(field))) return null;
  return isAllowed(field, given) ? null : `Allowed: ${field["x-allowed"]}.`;
}

function isAllowed(field: FieldSchema, given: string): boolean {
  switch (sortOf(field)) {
    case "choice":
      return field.enum?.includes(given) ?? false;
    case "switch":
      return given === "true" || given === "false";
    case "whole":
      return WHOLE.test(given) && Number(given) >= (field.minimum ?? -Infinity) && Number(given) <= (field.maximum ?? Infinity);
    case "figure":
      return FIGURE.test(given) && withinBounds(field, given);
    case "text":
      return true;
  }
}

function withinBounds(field: FieldSchema, given: string): boolean {
  const least = field["x-minimum"];
  const above = field["x-exclusive-minimum"];
  const most = field["x-maximum"];
  if (least !== undefined && compareFigures(given, least) < 0) return false;
  if (above !== undefined && compareFigures(given, above) <= 0) return false;
  return most === undefined || compareFigures(given, most) <= 0;
}

/** A typed text as the document has it: figures stay text. What is not allowed is sent as it is, for the API to refuse. */
export function valueOf(field: FieldSchema, text: string): string | number | boolean | null {
  const given = text.trim();
  if (given === NO_BOUND && mayBeNone(field)) return null;
  switch (sortOf(field)) {
    case "switch":
      return given === "true" ? true : given === "false" ? false : given;
    case "whole":
      return WHOLE.test(given) ? Number(given) : given;
    default:
      return given;
  }
}

/** A value in words: what a select offers, what stands where nothing was given. */
export function shownValue(field: FieldSchema, value: unknown): string {
  if (value === undefined) return "not set";
  if (value === null) return "no bound";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === "true" || value === "false") return value === "true" ? "yes" : "no";
  return sortOf(field) === "choice" ? String(value).replaceAll("_", " ").toLowerCase() : String(value);
}
