import { textOf, valueOf, type SettingsSchema } from "../../documents/schema";
import type { Json, JsonObject } from "../../documents/types";

/** Settings as they stand in their fields. A name that is missing was not given: a symbol takes the base's, the base its default. */
export type Texts = Readonly<Record<string, string>>;

/** A strategy on its way through the form. */
export interface Draft {
  id: string;
  kind: string;
  account: string;
  enabled: boolean;
  base: Texts;
  symbols: Readonly<Record<string, Texts>>;
}

/** Which settings are looked at: those of every symbol, or one symbol's own. */
export type Scope = { kind: "base" } | { kind: "symbol"; symbol: string };

export const BASE: Scope = { kind: "base" };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textsOf(settings: Json | undefined): Texts {
  if (!isObject(settings)) return {};
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, textOf(value)]));
}

export function draftOf(document: JsonObject): Draft {
  const symbols = isObject(document["symbols"]) ? document["symbols"] : {};
  return {
    id: String(document["id"] ?? ""),
    kind: String(document["kind"] ?? ""),
    account: String(document["account"] ?? ""),
    enabled: document["enabled"] !== false,
    base: textsOf(document["base"]),
    symbols: Object.fromEntries(Object.entries(symbols).map(([symbol, own]) => [symbol, textsOf(own)])),
  };
}

export function documentOf(draft: Draft, schema: SettingsSchema): JsonObject {
  const settings = (texts: Texts): JsonObject =>
    Object.fromEntries(
      Object.entries(texts)
        .filter(([, text]) => text.trim() !== "")
        .map(([name, text]) => {
          const field = schema.properties[name];
          return [name, field === undefined ? text : valueOf(field, text)];
        }),
    );
  return {
    id: draft.id,
    kind: draft.kind,
    account: draft.account,
    enabled: draft.enabled,
    base: settings(draft.base),
    symbols: Object.fromEntries(Object.entries(draft.symbols).map(([symbol, own]) => [symbol, settings(own)])),
  };
}

export function textsIn(draft: Draft, scope: Scope): Texts {
  return scope.kind === "base" ? draft.base : (draft.symbols[scope.symbol] ?? {});
}

/** With one field changed. An empty text takes the setting back: it is not given any more. */
export function withText(draft: Draft, scope: Scope, name: string, text: string): Draft {
  const { [name]: _, ...others } = textsIn(draft, scope);
  const changed = text === "" ? others : { ...others, [name]: text };
  if (scope.kind === "base") return { ...draft, base: changed };
  return { ...draft, symbols: { ...draft.symbols, [scope.symbol]: changed } };
}

export function withSymbol(draft: Draft, symbol: string): Draft {
  return symbol in draft.symbols ? draft : { ...draft, symbols: { ...draft.symbols, [symbol]: {} } };
}

export function withoutSymbol(draft: Draft, symbol: string): Draft {
  const { [symbol]: _, ...others } = draft.symbols;
  return { ...draft, symbols: others };
}

/** What holds where nothing is given in `scope`: the base's text for a symbol, else the default; undefined when there is none. */
export function inherited(draft: Draft, schema: SettingsSchema, scope: Scope, name: string): string | undefined {
  const fromBase = scope.kind === "symbol" ? draft.base[name] : undefined;
  if (fromBase !== undefined && fromBase.trim() !== "") return fromBase;
  const standard = schema.properties[name]?.default;
  return standard === undefined ? undefined : textOf(standard);
}
