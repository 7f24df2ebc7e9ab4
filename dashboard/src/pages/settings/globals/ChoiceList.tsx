import { useId } from "react";
import { EMPTY, itemsIn } from "./draft";

interface ChoiceListProps {
  name: string;
  label: string;
  hint: string;
  values: readonly string[];
  /** What was chosen here; undefined where nothing was, and what holds then. */
  text: string | undefined;
  otherwise: string;
  flaw: string | null;
  onText: (name: string, text: string) => void;
  disabled: boolean;
}

/** Some of a few values. */
export function ChoiceList({ name, label, hint, values, text, otherwise, flaw, onText, disabled }: ChoiceListProps) {
  const id = useId();
  const chosen = itemsIn(text ?? otherwise);
  const turn = (value: string) => {
    const next = values.filter((one) => (one === value ? !chosen.includes(one) : chosen.includes(one)));
    onText(name, next.length === 0 ? EMPTY : next.join(", "));
  };
  return (
    <fieldset aria-describedby={`${id}-hint ${id}-flaw`} aria-invalid={flaw !== null} className="flex min-w-0 flex-col gap-0.5">
      <legend className="text-dim">{label}</legend>
      <div className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-1">
        {values.map((value) => (
          <label key={value} className="flex items-center gap-1.5">
            <input type="checkbox" checked={chosen.includes(value)} disabled={disabled} onChange={() => turn(value)} className="size-4 accent-reserved" />
            {value}
          </label>
        ))}
      </div>
      <p id={`${id}-flaw`} role={flaw === null ? undefined : "alert"} className="text-xs text-danger empty:hidden">
        {flaw}
      </p>
      <p id={`${id}-hint`} className="label empty:hidden">
        {hint}
      </p>
    </fieldset>
  );
}
