import { isObject, type Json, type JsonObject } from "./types";

/** One setting that differs. `undefined`: it is not there. */
export interface Difference {
  field: string;
  before: Json | undefined;
  after: Json | undefined;
}

type Leaves = Map<string, Json>;

/** Names may hold points (symbols do not, but nobody promises that), so paths are kept as lists until they are shown. */
function leavesOf(value: Json, path: readonly string[] = [], found: Leaves = new Map()): Leaves {
  if (!isObject(value) || (path.length > 0 && Object.keys(value).length === 0)) {
    found.set(JSON.stringify(path), value);
    return found;
  }
  for (const [name, inner] of Object.entries(value)) leavesOf(inner, [...path, name], found);
  return found;
}

const same = (one: Json | undefined, other: Json | undefined) => JSON.stringify(one) === JSON.stringify(other);

function isEmpty(value: Json | undefined): boolean {
  return value !== undefined && isObject(value) && Object.keys(value).length === 0;
}

/** What changes from one document to another, in the order of the fields. A symbol without own settings counts as there. */
export function differences(before: JsonObject | null, after: JsonObject | null): Difference[] {
  const [old, fresh] = [leavesOf(before ?? {}), leavesOf(after ?? {})];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((key) => !same(old.get(key), fresh.get(key)))
    .filter((key) => !coveredByOwnFields(key, old, fresh))
    .map((key) => ({ field: (JSON.parse(key) as string[]).join("."), before: old.get(key), after: fresh.get(key) }))
    .sort((one, other) => place(one.field) - place(other.field));
}

/** `{}` on one side and settings on the other: the settings tell it all. */
function coveredByOwnFields(key: string, old: Leaves, fresh: Leaves): boolean {
  const inside = `${key.slice(0, -1)},`;
  const bare = isEmpty(old.get(key)) ? fresh : isEmpty(fresh.get(key)) ? old : null;
  return bare !== null && [...bare.keys()].some((other) => other.startsWith(inside));
}

const PARTS = ["id", "kind", "account", "enabled", "base", "symbols"];

function place(field: string): number {
  return PARTS.indexOf(field.split(".")[0] ?? "");
}

export interface Rebased {
  document: JsonObject;
  /** Changed by both and differently: mine stand in the document. */
  conflicts: readonly Difference[];
}

/** My changes of `original`, laid over what somebody else made of it meanwhile. */
export function rebased(original: JsonObject, mine: JsonObject, theirs: JsonObject): Rebased {
  const [start, wanted, result] = [leavesOf(original), leavesOf(mine), leavesOf(theirs)];
  const conflicts: Difference[] = [];
  for (const key of new Set([...start.keys(), ...wanted.keys()])) {
    const [was, want, is] = [start.get(key), wanted.get(key), result.get(key)];
    if (same(was, want)) continue;
    if (!same(is, was) && !same(is, want)) conflicts.push({ field: (JSON.parse(key) as string[]).join("."), before: is, after: want });
    if (want === undefined) result.delete(key);
    else result.set(key, want);
  }
  for (const path of takenOut(original, mine)) {
    const [was, is] = [valueAt(original, path), valueAt(theirs, path)];
    const inside = `${JSON.stringify(path).slice(0, -1)},`;
    for (const key of [...result.keys()]) if (key.startsWith(inside) || key === JSON.stringify(path)) result.delete(key);
    if (is !== undefined && !same(is, was)) conflicts.push({ field: path.join("."), before: is, after: undefined });
  }
  return { document: treeOf(result), conflicts };
}

/** Groups that I took out whole, a symbol above all: nothing of them stays, whatever was set in them meanwhile. */
function takenOut(original: JsonObject, mine: JsonObject, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(original).flatMap(([name, was]) => {
    if (!isObject(was)) return [];
    const want = mine[name];
    if (want === undefined) return [[...path, name]];
    return isObject(want) ? takenOut(was, want, [...path, name]) : [];
  });
}

function valueAt(document: JsonObject, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((here, name) => (here !== undefined && isObject(here) ? here[name] : undefined), document);
}

function treeOf(leaves: Leaves): JsonObject {
  const tree: Record<string, Json> = {};
  // Shorter paths first: an empty object must not hide the fields that came into it.
  for (const [key, value] of [...leaves].sort(([one], [other]) => pathOf(one).length - pathOf(other).length)) {
    const path = pathOf(key);
    const last = path.at(-1);
    if (last === undefined) continue;
    let here = tree;
    for (const step of path.slice(0, -1)) {
      const inner = here[step];
      const next: Record<string, Json> = inner !== undefined && isObject(inner) ? { ...inner } : {};
      here[step] = next;
      here = next;
    }
    here[last] = value;
  }
  return tree;
}

const pathOf = (key: string) => JSON.parse(key) as string[];

/** A value as a person reads it in a list of changes. A symbol without settings of its own is traded all the same. */
export function shownJson(value: Json | undefined, field: string): string {
  if (value === undefined) return "not set";
  if (value === null) return "no bound";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isEmpty(value)) return field.startsWith("symbols.") ? "traded, by the base" : "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return JSON.stringify(value);
}
