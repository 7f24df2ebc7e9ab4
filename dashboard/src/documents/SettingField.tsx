import { memo } from "react";
import { SelectField, TextField } from "../ui/Field";
import { NO_BOUND, mayBeNone, shownValue, sortOf, type FieldSchema } from "./schema";

interface SettingFieldProps {
  name: string;
  field: FieldSchema;
  /** What was typed here; undefined where nothing was given. */
  text: string | undefined;
  /** What holds where nothing is given. */
  otherwise: string | undefined;
  /** Where that comes from: "base" or "default". */
  from: string;
  flaw: string | null;
  onText: (name: string, text: string) => void;
  disabled: boolean;
}

/** One setting: its unit beside its name, what is wrong with it below, and what holds when it is left empty. */
export const SettingField = memo(function SettingField({ name, field, text, otherwise, from, flaw, onText, disabled }: SettingFieldProps) {
  const sort = sortOf(field);
  const shared = { label: field.title, unit: unitOf(field), hint: hintOf(field, otherwise, text), flaw, disabled };
  const change = (value: string) => onText(name, value);
  if (sort === "choice" || sort === "switch") {
    const values = field.enum ?? ["true", "false"];
    const given = text !== undefined && !values.includes(text) ? [text] : [];
    return (
      <SelectField
        {...shared}
        value={text ?? ""}
        onChange={change}
        options={[
          { value: "", title: otherwise === undefined ? "choose" : `${shownValue(field, otherwise)} (${from})` },
          ...[...given, ...values].map((value) => ({ value, title: shownValue(field, value) })),
        ]}
      />
    );
  }
  return <TextField {...shared} numeric={sort !== "text"} value={text ?? ""} onChange={change} placeholder={placeholder(otherwise, from)} />;
});

function unitOf(field: FieldSchema): string | undefined {
  return field["x-unit"] ?? undefined;
}

function hintOf(field: FieldSchema, otherwise: string | undefined, text: string | undefined): string {
  const bound = mayBeNone(field) ? ` “${NO_BOUND}” sets no bound.` : "";
  const needed = field["x-required"] && otherwise === undefined && text === undefined ? " Needed." : "";
  return field.description + bound + needed;
}

function placeholder(otherwise: string | undefined, from: string): string {
  if (otherwise === undefined) return "";
  return `${otherwise === NO_BOUND ? "no bound" : otherwise} (${from})`;
}
