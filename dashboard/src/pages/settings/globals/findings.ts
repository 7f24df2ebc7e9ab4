import { flawWords, localFlaw } from "../../../documents/flaws";
import { NO_BOUND, mayBeNone } from "../../../documents/schema";
import type { Flaw } from "../../../documents/types";
import { itemsIn, textAt, type Path, type Typed } from "./draft";
import { entryOf, kindOf, type Node } from "./shape";

/** What is wrong with the setting at `path`: by the schema at once, else what the API found. */
export function flawAt(node: Node, typed: Typed, path: Path, flaws: readonly Flaw[]): string | null {
  const text = textAt(typed, path);
  const local = kindOf(node) === "list" ? listFlaw(node, text) : localFlaw(node, text);
  if (local !== null) return local;
  const found = flaws.find((flaw) => isOf(flaw, path));
  return found === undefined ? null : flawWords(found);
}

/** A flaw of a list names the item: `extra_symbols.3`. */
function isOf(flaw: Flaw, path: Path): boolean {
  const place = path.join(".");
  return flaw.field === place || (flaw.field.startsWith(`${place}.`) && /^\d+$/.test(flaw.field.slice(place.length + 1)));
}

function listFlaw(node: Node, text: string | undefined): string | null {
  if (text === undefined || text.trim() === "" || (text.trim() === NO_BOUND && mayBeNone(node))) return null;
  const pattern = node.items?.pattern;
  const wrong = pattern === undefined ? undefined : itemsIn(text).find((item) => !new RegExp(pattern, "u").test(item));
  return wrong === undefined ? null : `Not “${wrong}”. Allowed: ${node["x-allowed"]}.`;
}

/** Every place of the form where a flaw can stand: settings, lists, and the heads of named entries. */
export function placesOf(node: Node, typed: Typed, path: Path = []): Path[] {
  const found: Path[] = [];
  const entry = entryOf(node);
  const parts = node.properties ?? (entry === undefined ? {} : Object.fromEntries(Object.keys(typed).map((name) => [name, entry])));
  for (const [name, part] of Object.entries(parts)) {
    const place = [...path, name];
    const kind = kindOf(part);
    if (kind !== "group") found.push(place);
    const inner = typed[name];
    if (kind === "group" || kind === "named") found.push(...placesOf(part, typeof inner === "object" ? inner : {}, place));
  }
  return found;
}

/** What the API found that belongs beside no field. */
export function homeless(node: Node, typed: Typed, flaws: readonly Flaw[]): readonly Flaw[] {
  const places = placesOf(node, typed);
  return flaws.filter((flaw) => !places.some((place) => isOf(flaw, place)));
}

/** How many settings at and below `path` are wrong, and how many are given. */
export function countsOf(node: Node, typed: Typed | undefined, path: Path, whole: Typed, flaws: readonly Flaw[]): { given: number; wrong: number } {
  const places = placesOf(node, typed ?? {}, path);
  const place = path.join(".");
  return {
    given: places.filter((one) => textAt(whole, one) !== undefined).length,
    wrong: flaws.filter((flaw) => flaw.field === place || flaw.field.startsWith(`${place}.`)).length,
  };
}
