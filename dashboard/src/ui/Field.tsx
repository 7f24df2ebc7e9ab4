import { useId, type ReactNode } from "react";

interface Frame {
  label: string;
  unit?: string;
  /** What it does and what is admissible, in a sentence. */
  hint?: ReactNode;
  /** What is wrong with it; stands next to the field. */
  flaw?: string | null;
}

interface TextFieldProps extends Frame {
  value: string;
  onChange: (value: string) => void;
  numeric?: boolean;
  disabled?: boolean;
  placeholder?: string;
}

const BOX = "h-8 w-full rounded border bg-ground px-2 disabled:opacity-50";

/** A text or figure field. Figures stay text: the API reads decimals strictly. */
export function TextField({ label, unit, hint, flaw, value, onChange, numeric, disabled, placeholder }: TextFieldProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} unit={unit} hint={hint} flaw={flaw}>
      <input
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        inputMode={numeric ? "decimal" : undefined}
        autoComplete="off"
        spellCheck={false}
        disabled={disabled}
        placeholder={placeholder}
        aria-invalid={flaw != null}
        aria-describedby={`${id}-hint ${id}-flaw`}
        className={`${BOX} ${numeric ? "figure text-right" : ""} ${flaw == null ? "border-line-strong" : "border-danger"}`}
      />
    </FieldFrame>
  );
}

interface SelectFieldProps extends Frame {
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; title: string }[];
  disabled?: boolean;
}

export function SelectField({ label, unit, hint, flaw, value, onChange, options, disabled }: SelectFieldProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} unit={unit} hint={hint} flaw={flaw}>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        disabled={disabled}
        aria-invalid={flaw != null}
        aria-describedby={`${id}-hint ${id}-flaw`}
        className={`${BOX} ${flaw == null ? "border-line-strong" : "border-danger"}`}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

interface CheckFieldProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ReactNode;
  disabled?: boolean;
}

export function CheckField({ label, checked, onChange, hint, disabled }: CheckFieldProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-0.5">
      <div className="flex items-center gap-2">
        <input
          id={id}
          type="checkbox"
          checked={checked}
          disabled={disabled}
          onChange={(event) => onChange(event.target.checked)}
          aria-describedby={`${id}-hint`}
          className="size-4 accent-reserved"
        />
        <label htmlFor={id}>{label}</label>
      </div>
      <p id={`${id}-hint`} className="label empty:hidden">
        {hint}
      </p>
    </div>
  );
}

function FieldFrame({ id, label, unit, hint, flaw, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-dim">
        {label}
        {unit !== undefined && <span className="text-faint"> ({unit})</span>}
      </label>
      {children}
      <p id={`${id}-flaw`} role={flaw == null ? undefined : "alert"} className="text-xs text-danger empty:hidden">
        {flaw}
      </p>
      <p id={`${id}-hint`} className="label empty:hidden">
        {hint}
      </p>
    </div>
  );
}
