import { useCallback } from "react";
import { inherited, textsIn, withText, type Draft, type Scope } from "./draft";
import { GroupFields } from "../../documents/GroupFields";
import { flawWords, isMissing, localFlaw } from "../../documents/flaws";
import { SettingField } from "../../documents/SettingField";
import type { Group, SettingsSchema } from "../../documents/schema";
import type { Flaw } from "../../documents/types";

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
  const flawAt = (name: string) => localFlaw(schema.properties[name], texts[name]) ?? foundFlaw(flaws, scope, name);
  return (
    <div className="flex flex-col gap-2">
      {schema["x-groups"].map((group) => (
        <GroupFields key={group.title} title={group.title} description={group.description} given={givenIn(group, texts)} wrong={group.settings.filter((name) => flawAt(name) !== null).length}>
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

function givenIn(group: Group, texts: Readonly<Record<string, string>>): number {
  return group.settings.filter((name) => texts[name] !== undefined).length;
}

/** A setting that a symbol lacks is lacking in the base too, where it is usually given. */
export function foundFlaw(flaws: readonly Flaw[], scope: Scope, name: string): string | null {
  const own = scope.kind === "base" ? `base.${name}` : `symbols.${scope.symbol}.${name}`;
  const found = flaws.find((flaw) => flaw.field === own) ?? (scope.kind === "base" ? missingInSymbols(flaws, name) : undefined);
  return found === undefined ? null : flawWords(found);
}

function missingInSymbols(flaws: readonly Flaw[], name: string): Flaw | undefined {
  return flaws.find((flaw) => flaw.field.startsWith("symbols.") && flaw.field.endsWith(`.${name}`) && isMissing(flaw));
}
