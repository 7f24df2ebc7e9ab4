import { NO_BOUND, mayBeNone, textOf, valueOf } from "../../../documents/schema";
import { isObject, type Json, type JsonObject } from "../../../documents/types";
import { below, kindOf, type Node } from "./shape";

/** Settings as they stand in their fields: texts, in the groups of the document. What is missing was not given. */
export type Typed = { readonly [name: string]: string | Typed };
export type Path = readonly string[];

/** How a list with nothing in it is written. An empty field gives no list at all. */
export const EMPTY = "empty";

export function typedOf(node: Node, document: JsonObject): Typed {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => {
      const part = below(node, name);
      return [name, part !== undefined && isObject(value) ? typedOf(part, value) : textIn(value)];
    }),
  );
}

/** A value as it stands in its field. */
export function textIn(value: Json): string {
  if (!Array.isArray(value)) return textOf(value);
  return value.length === 0 ? EMPTY : value.join(", ");
}

export function documentOf(node: Node, typed: Typed): JsonObject {
  const found: Record<string, Json> = {};
  for (const [name, given] of Object.entries(typed)) {
    const part = below(node, name);
    if (part === undefined) continue;
    if (typeof given !== "string") found[name] = documentOf(part, given);
    else if (given.trim() !== "") found[name] = kindOf(part) === "list" ? listOf(part, given) : valueOf(part, given);
  }
  return found;
}

function listOf(node: Node, text: string): Json {
  if (text.trim() === NO_BOUND && mayBeNone(node)) return null;
  return itemsIn(text);
}

/** What a list names. */
export function itemsIn(text: string): readonly string[] {
  return text.trim() === EMPTY ? [] : text.split(/[\s,]+/).filter((item) => item !== "");
}

/** The text of one field; undefined where nothing was given. */
export function textAt(typed: Typed, path: Path): string | undefined {
  const found = at(typed, path);
  return typeof found === "string" ? found : undefined;
}

/** The group, or the named entries, at `path`; undefined where nothing of it was given. */
export function groupAt(typed: Typed, path: Path): Typed | undefined {
  const found = at(typed, path);
  return typeof found === "string" ? undefined : found;
}

function at(typed: Typed, path: Path): string | Typed | undefined {
  return path.reduce<string | Typed | undefined>((here, name) => (here === undefined || typeof here === "string" ? undefined : here[name]), typed);
}

/** With one field changed. An empty text takes the setting back, and with its last setting a group that may be missing. */
export function withText(node: Node, typed: Typed, path: Path, text: string): Typed {
  const [name, ...rest] = path;
  if (name === undefined) return typed;
  if (rest.length === 0) return text === "" ? without(typed, name) : { ...typed, [name]: text };
  const part = below(node, name);
  const inner = typed[name];
  if (part === undefined) return typed;
  const changed = withText(part, typeof inner === "object" ? inner : {}, rest, text);
  const idle = Object.keys(changed).length === 0 && node.properties?.[name] !== undefined && kindOf(part) === "group" && !node.required?.includes(name);
  return idle ? without(typed, name) : { ...typed, [name]: changed };
}

/** With an entry more. Where none was given the usual ones stood: they stay, now that they are written out. */
export function withEntry(node: Node, typed: Typed, path: Path, name: string): Typed {
  return atGroup(node, typed, path, (entries) => ({ ...entries, [name]: {} }));
}

export function withoutEntry(node: Node, typed: Typed, path: Path, name: string): Typed {
  return atGroup(node, typed, path, (entries) => without(entries, name));
}

function atGroup(node: Node, typed: Typed, path: Path, change: (group: Typed) => Typed): Typed {
  const [name, ...rest] = path;
  if (name === undefined) return change(typed);
  const part = below(node, name);
  if (part === undefined) return typed;
  const inner = typed[name];
  return { ...typed, [name]: atGroup(part, typeof inner === "object" ? inner : usual(part), rest, change) };
}

/** The named entries that hold where none are given. */
export function usual(node: Node): Typed {
  const standard: unknown = node.default;
  return typeof standard === "object" && standard !== null ? typedOf(node, standard as JsonObject) : {};
}

function without(typed: Typed, name: string): Typed {
  const { [name]: _, ...others } = typed;
  return others;
}
