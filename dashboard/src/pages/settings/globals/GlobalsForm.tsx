import { useCallback } from "react";
import { GroupFields } from "../../../documents/GroupFields";
import { SettingField } from "../../../documents/SettingField";
import type { Flaw } from "../../../documents/types";
import { EMPTY, groupAt, textAt, textIn, withEntry, withText, withoutEntry, type Path, type Typed } from "./draft";
import { countsOf, flawAt } from "./findings";
import { ChoiceList } from "./ChoiceList";
import { NamedEntries } from "./NamedEntries";
import { below, kindOf, settingOf, type Node } from "./shape";

interface GlobalsFormProps {
  whole: Node;
  typed: Typed;
  flaws: readonly Flaw[];
  onTyped: (change: (before: Typed) => Typed) => void;
  disabled: boolean;
}

/** Every account-wide setting under its heading, as the API's own schema has them. */
export function GlobalsForm(form: GlobalsFormProps) {
  const { whole } = form;
  const parts = Object.entries(whole.properties ?? {});
  const alone = parts.filter(([, node]) => kindOf(node) === "setting" || kindOf(node) === "list").map(([name]) => name);
  return (
    <div className="flex flex-col gap-2">
      {parts.filter(([name]) => !alone.includes(name)).map(([name, node]) => (
        <Part key={name} form={form} group={whole} node={node} path={[name]} />
      ))}
      <GroupFields title="The whole desk" description="What holds for every account and strategy." given={alone.filter((name) => textAt(form.typed, [name]) !== undefined).length} wrong={form.flaws.filter((flaw) => alone.includes(flaw.field.split(".")[0] ?? "")).length}>
        {alone.map((name) => {
          const node = below(whole, name);
          return node === undefined ? null : <Part key={name} form={form} group={whole} node={node} path={[name]} />;
        })}
      </GroupFields>
    </div>
  );
}

interface PartProps {
  form: GlobalsFormProps;
  /** What it stands in: that says whether it is needed. */
  group: Node;
  node: Node;
  path: Path;
}

function Part({ form, group, node, path }: PartProps) {
  switch (kindOf(node)) {
    case "group":
      return <GroupPart form={form} node={node} path={path} title={node.title} />;
    case "named":
      return <NamedPart form={form} node={node} path={path} />;
    default:
      return <Field form={form} group={group} node={node} path={path} />;
  }
}

function GroupPart({ form, node, path, title, children }: Omit<PartProps, "group"> & { title: string; children?: React.ReactNode }) {
  const counts = countsOf(node, groupAt(form.typed, path), path, form.typed, form.flaws);
  return (
    <GroupFields title={title} description={node.description ?? ""} {...counts}>
      {Object.entries(node.properties ?? {}).map(([name, part]) => (
        <Part key={name} form={form} group={node} node={part} path={[...path, name]} />
      ))}
      {children}
    </GroupFields>
  );
}

function NamedPart({ form, node, path }: Omit<PartProps, "group">) {
  const { whole, typed, flaws, onTyped, disabled } = form;
  return (
    <NamedEntries
      node={node}
      path={path}
      names={entriesAt(typed, path)}
      flaw={flaws.find((flaw) => flaw.field === path.join(".")) ?? null}
      disabled={disabled}
      onAdd={(name) => onTyped((before) => withEntry(whole, before, path, name))}
      onRemove={(name) => onTyped((before) => withoutEntry(whole, before, path, name))}
      entry={(name, entry, remove) => (
        <GroupPart form={form} node={entry} path={[...path, name]} title={name}>
          {remove}
        </GroupPart>
      )}
    />
  );
}

/** undefined where none are given. */
function entriesAt(typed: Typed, path: Path): readonly string[] | undefined {
  const found = groupAt(typed, path);
  return found === undefined ? undefined : Object.keys(found);
}

function Field({ form, group, node, path }: PartProps) {
  const { whole, typed, flaws, onTyped, disabled } = form;
  const name = path.join(".");
  const setting = settingOf(group, path.at(-1) ?? "", node);
  const onText = useCallback((place: string, text: string) => onTyped((before) => withText(whole, before, place.split("."), text)), [onTyped, whole]);
  const shared = { name, text: textAt(typed, path), flaw: flawAt(node, typed, path, flaws), onText, disabled };
  const otherwise = node.default === undefined ? undefined : textIn(node.default);
  if (kindOf(node) === "list" && node.items?.enum !== undefined) {
    return <ChoiceList {...shared} label={node.title} hint={node.description} values={node.items.enum} otherwise={otherwise ?? EMPTY} />;
  }
  const list = kindOf(node) === "list";
  return <SettingField {...shared} field={list ? { ...setting, description: `${setting.description} Separate them by commas; “${EMPTY}” names none.` } : setting} otherwise={otherwise} from="default" />;
}
