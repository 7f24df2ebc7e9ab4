import type { ReactNode } from "react";
import { Chip } from "../ui/Chip";

/** On a telephone the headings come first: sixty fields are a long way. */
const WIDE = window.matchMedia("(min-width: 640px)").matches;

interface GroupFieldsProps {
  title: string;
  description: string;
  /** How many settings of it are set, and how many are wrong. */
  given: number;
  wrong: number;
  children: ReactNode;
}

/** Settings that belong together. What is wrong among them opens it. */
export function GroupFields({ title, description, given, wrong, children }: GroupFieldsProps) {
  return (
    <details open={WIDE || wrong > 0} className="col-span-full min-w-0 rounded border border-line [&[open]>summary>span:first-child]:rotate-90">
      <summary className="flex flex-wrap items-baseline gap-x-2 bg-raised px-3 py-1.5">
        <span aria-hidden className="inline-block w-3 text-center text-faint">
          ▸
        </span>
        <span className="font-medium">{title}</span>
        <span className="label">{description}</span>
        <span className="ml-auto flex gap-1">
          {wrong > 0 && <Chip tone="danger">✕ {wrong} to mend</Chip>}
          {given > 0 && <Chip>{given} set</Chip>}
        </span>
      </summary>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-4 gap-y-3 p-3">{children}</div>
    </details>
  );
}
