import { useState, type FormEvent, type ReactNode } from "react";
import { flawWords } from "../../../documents/flaws";
import type { Flaw } from "../../../documents/types";
import { Button } from "../../../ui/Button";
import { TextField } from "../../../ui/Field";
import { usual, type Path } from "./draft";
import { entryOf, type Node } from "./shape";

/** An account that is taken out is looked after no more, and one that comes needs its key first: both are for a terminal. */
const FIXED: Readonly<Record<string, string>> = {
  accounts: "Accounts come and go at a terminal, with their keys: undertow params set-globals.",
};
const SECRETS: Readonly<Record<string, string>> = {
  "alerts.routes": "Store the address of a new route at a terminal: undertow secrets put-route NAME.",
};

interface NamedEntriesProps {
  node: Node;
  path: Path;
  /** undefined where none are given: the usual ones hold then. */
  names: readonly string[] | undefined;
  /** What is wrong with them as a whole. */
  flaw: Flaw | null;
  disabled: boolean;
  onAdd: (name: string) => void;
  onRemove: (name: string) => void;
  entry: (name: string, node: Node, remove: ReactNode) => ReactNode;
}

/** Entries by name, each with its own settings. */
export function NamedEntries({ node, path, names, flaw, disabled, onAdd, onRemove, entry }: NamedEntriesProps) {
  const place = path.join(".");
  const fixed = FIXED[place];
  const inner = entryOf(node);
  const held = names ?? Object.keys(usual(node));
  if (inner === undefined) return null;
  return (
    <section aria-label={node.title} className="col-span-full flex min-w-0 flex-col gap-2">
      <h3 className="font-medium">
        {node.title} <span className="label font-normal">{node.description}</span>
      </h3>
      {names === undefined && <p className="text-dim">None are set: {held.join(", ") || "none"} {held.length === 1 ? "holds" : "hold"} until some are.</p>}
      {(names ?? []).map((name) => (
        <div key={name}>
          {entry(
            name,
            inner,
            fixed === undefined && (
              <Button small className="justify-self-start" disabled={disabled} onClick={() => onRemove(name)}>
                Remove {name}
              </Button>
            ),
          )}
        </div>
      ))}
      {flaw !== null && (
        <p role="alert" className="text-xs text-danger">
          {flawWords(flaw)}
        </p>
      )}
      <p className="label empty:hidden">{fixed ?? SECRETS[place] ?? ""}</p>
      {fixed === undefined && <AddEntry title={node.title} taken={held} pattern={node.propertyNames?.pattern ?? "."} most={node.maxProperties ?? Infinity} disabled={disabled} onAdd={onAdd} />}
    </section>
  );
}

interface AddEntryProps {
  title: string;
  taken: readonly string[];
  pattern: string;
  most: number;
  disabled: boolean;
  onAdd: (name: string) => void;
}

function AddEntry({ title, taken, pattern, most, disabled, onAdd }: AddEntryProps) {
  const [name, setName] = useState("");
  const flaw = name === "" ? null : taken.includes(name) ? "There is one of that name already." : new RegExp(pattern, "u").test(name) ? null : "1 to 32 small letters, digits and hyphens, not beginning with a hyphen.";
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (name === "" || flaw !== null) return;
    onAdd(name);
    setName("");
  };
  if (taken.length >= most) return <p className="label">There may be {most} at most.</p>;
  return (
    <form onSubmit={add} className="flex max-w-md items-end gap-2">
      <TextField label={`One more of: ${title.toLowerCase()}`} value={name} onChange={setName} flaw={flaw} disabled={disabled} placeholder="its name" />
      <Button type="submit" disabled={disabled || name === "" || flaw !== null}>
        Add
      </Button>
    </form>
  );
}
