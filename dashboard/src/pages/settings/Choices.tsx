import { useId } from "react";

interface ChoicesProps<T extends string> {
  legend: string;
  value: T;
  choices: readonly { value: T; title: string; hint: string }[];
  onValue: (value: T) => void;
}

/** One of a few. */
export function Choices<T extends string>({ legend, value, choices, onValue }: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="label mb-1">{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="flex cursor-pointer items-baseline gap-2">
          <input type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onValue(choice.value)} className="accent-reserved" />
          <span>
            {choice.title} {choice.hint !== "" && <span className="label">{choice.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
