import { useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import type { Draft, Scope } from "./draft";
import type { Flaw } from "../../documents/types";

interface ScopePickerProps {
  draft: Draft;
  scope: Scope;
  flaws: readonly Flaw[];
  /** What the API's schema says a symbol looks like. */
  symbolPattern: string;
  onScope: (scope: Scope) => void;
  onAdd: (symbol: string) => void;
  onRemove: (symbol: string) => void;
  disabled: boolean;
}

const LOOK = "rounded border px-2 py-0.5 aria-pressed:border-text aria-pressed:bg-hover border-line-strong text-dim aria-pressed:text-text";

/** The base, or one symbol with what it does otherwise. */
export function ScopePicker({ draft, scope, flaws, symbolPattern, onScope, onAdd, onRemove, disabled }: ScopePickerProps) {
  const chosen = scope.kind === "symbol" ? scope.symbol : null;
  return (
    <div className="flex flex-col gap-2">
      <div role="group" aria-label="Whose settings" className="flex flex-wrap items-center gap-1.5">
        <button type="button" aria-pressed={chosen === null} className={LOOK} onClick={() => onScope({ kind: "base" })}>
          Every symbol (base)
          <Mark wrong={flaws.filter((flaw) => flaw.field.startsWith("base.")).length} />
        </button>
        {Object.entries(draft.symbols).map(([symbol, own]) => (
          <button key={symbol} type="button" aria-pressed={chosen === symbol} className={LOOK} onClick={() => onScope({ kind: "symbol", symbol })}>
            {symbol}
            {Object.keys(own).length > 0 && <span className="label"> {Object.keys(own).length} own</span>}
            <Mark wrong={flaws.filter((flaw) => flaw.field.startsWith(`symbols.${symbol}.`)).length} />
          </button>
        ))}
        <AddSymbol known={Object.keys(draft.symbols)} pattern={symbolPattern} onAdd={onAdd} disabled={disabled} />
      </div>
      <p className="label">
        {chosen === null ? (
          "These hold for every symbol, unless a symbol has its own."
        ) : (
          <>
            Only what {chosen} does otherwise than the base. An empty field takes the base's.{" "}
            <Button small tone="quiet" disabled={disabled} onClick={() => onRemove(chosen)}>
              Stop trading {chosen}
            </Button>
          </>
        )}
      </p>
    </div>
  );
}

function Mark({ wrong }: { wrong: number }) {
  return wrong === 0 ? null : (
    <span className="text-danger">
      {" "}
      ✕ {wrong}
      <span className="sr-only"> to mend</span>
    </span>
  );
}

interface AddSymbolProps {
  known: readonly string[];
  pattern: string;
  onAdd: (symbol: string) => void;
  disabled: boolean;
}

function AddSymbol({ known, pattern, onAdd, disabled }: AddSymbolProps) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const symbol = text.trim().toUpperCase();
  const flaw = symbol === "" ? null : known.includes(symbol) ? "It is traded already." : new RegExp(pattern, "u").test(symbol) ? null : "No venue has such a symbol.";
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (symbol === "" || flaw !== null) return;
    onAdd(symbol);
    setText("");
    setOpen(false);
  };
  if (!open) {
    return (
      <Button small disabled={disabled} onClick={() => setOpen(true)}>
        + Add a symbol
      </Button>
    );
  }
  return (
    <form onSubmit={add} className="flex items-end gap-1.5">
      <TextField label="Symbol" value={text} onChange={setText} placeholder="BTCUSDT" flaw={flaw} />
      <Button type="submit" disabled={symbol === "" || flaw !== null}>
        Add
      </Button>
      <Button tone="quiet" onClick={() => setOpen(false)}>
        Leave it
      </Button>
    </form>
  );
}
