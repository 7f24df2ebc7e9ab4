import { useCallback } from "react";
import { Chip } from "../../ui/Chip";
import { inherited, textsIn, withText, type Draft, type Scope } from "./draft";
import { SettingField } from "./SettingField";
import { flawOf, type Group, type SettingsSchema } from "./schema";
import type { Flaw } from "./types";

interface SettingsFormProps {
  draft: Draft;
  scope: Scope;
  schema: SettingsSchema;
  /** What the API found, beside what the schema tells at once. */
  flaws: readonly Flaw[];
  onDraft: (change: (draft: Draft) => Draft) => void;
  disabled?: boolean;
}

/** Every setting of one scope under its heading. */
export function SettingsForm({ draft, scope, schema, flaws, onDraft, disabled = false }: SettingsFormProps) {
  const texts = textsIn(draft, scope);
  const symbol = scope.kind === "symbol" ? scope.symbol : null;
  const onText = useCallback(
    (name: string, text: string) =>
      onDraft((before) => withText(before, symbol === null ? { kind: "base" } : { kind: "symbol", symbol }, name, text)),
    [onDraft, symbol],
  );
  const flawAt = (name: string) => localFlaw(schema, name, texts[name]) ?? foundFlaw(flaws, scope, name);
  return (
    <div className="flex flex-col gap-2">
      {schema["x-groups"].map((group) => (
        <GroupFields key={group.title} group={group} given={givenIn(group, texts)} wrong={group.settings.filter((name) => flawAt(name) !== null).length}>
          {group.settings.map((name) => {
            const field = schema.properties[name];
            if (field === undefined) return null;
            const fromBase = scope.kind === "symbol" && draft.base[name] !== undefined;
            return (
              <SettingField
                key={name}
                name={name}
                field={field}
                text={texts[name]}
                otherwise={inherited(draft, schema, scope, name)}
                from={fromBase ? "base" : "default"}
                flaw={flawAt(name)}
                onText={onText}
                disabled={disabled}
              />
            );
          })}
        </GroupFields>
      ))}
    </div>
  );
}

/** On a telephone the headings come first: sixty fields are a long way. */
const WIDE = window.matchMedia("(min-width: 640px)").matches;

interface GroupFieldsProps {
  group: Group;
  given: number;
  wrong: number;
  children: React.ReactNode;
}

function GroupFields({ group, given, wrong, children }: GroupFieldsProps) {
  return (
    <details open={WIDE || wrong > 0} className="group rounded border border-line">
      <summary className="flex flex-wrap items-baseline gap-x-2 bg-raised px-3 py-1.5">
        <span aria-hidden className="inline-block w-3 text-center text-faint group-open:rotate-90">
          ▸
        </span>
        <span className="font-medium">{group.title}</span>
        <span className="label">{group.description}</span>
        <span className="ml-auto flex gap-1">
          {wrong > 0 && <Chip tone="danger">✕ {wrong} to mend</Chip>}
          {given > 0 && <Chip>{given} set</Chip>}
        </span>
      </summary>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-4 gap-y-3 p-3">{children}</div>
    </details>
  );
}

function givenIn(group: Group, texts: Readonly<Record<string, string>>): number {
  return group.settings.filter((name) => texts[name] !== undefined).length;
}

function localFlaw(schema: SettingsSchema, name: string, text: string | undefined): string | null {
  const field = schema.properties[name];
  return field === undefined || text === undefined ? null : flawOf(field, text);
}

const MISSING = "it is missing";

/** A setting that a symbol lacks is lacking in the base too, where it is usually given. */
export function foundFlaw(flaws: readonly Flaw[], scope: Scope, name: string): string | null {
  const own = scope.kind === "base" ? `base.${name}` : `symbols.${scope.symbol}.${name}`;
  const found = flaws.find((flaw) => flaw.field === own) ?? (scope.kind === "base" ? missingInSymbols(flaws, name) : undefined);
  if (found === undefined) return null;
  const what = found.value.startsWith(MISSING) ? "It is missing" : `Not ${found.value}`;
  return `${what}. Allowed: ${found.allowed}.`;
}

function missingInSymbols(flaws: readonly Flaw[], name: string): Flaw | undefined {
  return flaws.find((flaw) => flaw.field.startsWith("symbols.") && flaw.field.endsWith(`.${name}`) && flaw.value.startsWith(MISSING));
}
