import type { FieldSchema } from "../../../documents/schema";

/** A part of the account-wide settings as the API's schema describes it: a setting, a list, a group, or named entries. */
export interface Node extends FieldSchema {
  properties?: Readonly<Record<string, Node>>;
  required?: readonly string[];
  /** Of named entries: what each of them is. `false` says that a group has no other fields. */
  additionalProperties?: Node | boolean;
  propertyNames?: { pattern?: string };
  items?: { pattern?: string; enum?: readonly string[] };
  maxProperties?: number;
}

export interface GlobalsSchema {
  properties: Readonly<Record<string, Node>>;
  required: readonly string[];
}

export type Kind = "setting" | "list" | "group" | "named";

export function kindOf(node: Node): Kind {
  if (node.properties !== undefined) return "group";
  if (entryOf(node) !== undefined) return "named";
  return node.type.includes("array") ? "list" : "setting";
}

/** What each of the named entries is; undefined where there are none. */
export function entryOf(node: Node): Node | undefined {
  return typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
}

/** The part of that name below `node`. */
export function below(node: Node, name: string): Node | undefined {
  return node.properties?.[name] ?? entryOf(node);
}

/** The settings as a whole are a group like any other. */
export function wholeOf(schema: GlobalsSchema): Node {
  return { title: "Account-wide settings", description: "", type: "object", "x-unit": null, "x-allowed": "an object", ...schema };
}

/** A setting that its group cannot do without says so. */
export function settingOf(group: Node, name: string, node: Node): Node {
  return { ...node, "x-required": group.required?.includes(name) ?? false };
}
