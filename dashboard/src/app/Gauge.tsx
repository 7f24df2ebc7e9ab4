import type { ReactNode } from "react";

/** One figure of the top bar: its name above it, small. */
export function Gauge({ name, title, children }: { name: string; title?: string; children: ReactNode }) {
  return (
    <div className="flex shrink-0 flex-col justify-center border-l border-line px-3 leading-none first:border-l-0" title={title}>
      <dt className="text-2xs leading-3 whitespace-nowrap text-faint">{name}</dt>
      <dd className="figure flex h-4 items-center gap-1.5 leading-4">{children}</dd>
    </div>
  );
}

export type GaugeTone = "good" | "warning" | "bad" | "plain";

const PAINT: Record<GaugeTone, string> = { good: "text-profit", warning: "text-warning", bad: "text-danger", plain: "text-dim" };
const SHAPE: Record<GaugeTone, string> = { good: "●", warning: "▲", bad: "■", plain: "○" };

/** A state: shape and colour say the same. */
export function Lamp({ tone, children }: { tone: GaugeTone; children: ReactNode }) {
  return (
    <span className={PAINT[tone]}>
      <span aria-hidden className="mr-1 text-[0.65em]">
        {SHAPE[tone]}
      </span>
      {children}
    </span>
  );
}
