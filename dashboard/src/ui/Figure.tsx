import type { ReactNode } from "react";
import { signOf, type Sign } from "../words/decimal";
import { NONE, percent, signedDollars } from "../words/figures";

interface FigureProps {
  label: string;
  children: ReactNode;
  /** What it means, in a sentence. */
  hint?: string;
  estimate?: boolean;
  large?: boolean;
}

/** A named figure. An estimate says so. */
export function Figure({ label, children, hint, estimate = false, large = false }: FigureProps) {
  return (
    <div className="min-w-0" title={hint}>
      <dt className="label">
        {label}
        {estimate && <span title="An estimate, not a fact of the venue"> est.</span>}
      </dt>
      <dd className={`figure ${large ? "text-lg leading-6" : ""}`}>{children}</dd>
    </div>
  );
}

const SHAPE: Record<Sign, string> = { 1: "▲", 0: "", [-1]: "▼" };
const PAINT: Record<Sign, string> = { 1: "text-profit", 0: "text-dim", [-1]: "text-loss" };

/** Text in the colour of its sign. */
export function signPaint(value: string | null | undefined): string {
  return PAINT[signOf(value)];
}

interface DeltaProps {
  /** Decimal text. */
  value: string | null | undefined;
  unit?: "dollars" | "percent";
  places?: number;
  /** Without the triangle, where columns are narrow; the sign stays. */
  bare?: boolean;
}

/** A gain or a loss: sign, shape and colour say the same. */
export function Delta({ value, unit = "dollars", places = 2, bare = false }: DeltaProps) {
  if (value == null) return <span className="figure text-faint">{NONE}</span>;
  const sign = signOf(value);
  return (
    <span className={`figure ${PAINT[sign]}`}>
      {!bare && sign !== 0 && (
        <span aria-hidden className="mr-1 text-[0.7em]">
          {SHAPE[sign]}
        </span>
      )}
      {unit === "dollars" ? signedDollars(value, places) : percent(value, places, true)}
    </span>
  );
}
