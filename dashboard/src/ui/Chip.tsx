import type { ReactNode } from "react";

export type ChipTone = "plain" | "profit" | "loss" | "reserved" | "danger" | "warning" | "alarm";

const LOOK: Record<ChipTone, string> = {
  plain: "border-line-strong text-dim",
  profit: "border-transparent bg-profit-soft text-profit",
  loss: "border-transparent bg-loss-soft text-loss",
  reserved: "border-transparent bg-reserved-soft text-reserved",
  danger: "border-transparent bg-danger-soft text-danger",
  warning: "border-transparent bg-warning-soft text-warning",
  alarm: "border-transparent bg-danger-solid text-on-danger [&_time]:text-inherit",
};

/** A word or two about a state. */
export function Chip({ tone = "plain", title, children }: { tone?: ChipTone; title?: string; children: ReactNode }) {
  return (
    <span title={title} className={`inline-flex items-center gap-1 rounded border px-1.5 text-2xs font-medium whitespace-nowrap ${LOOK[tone]}`}>
      {children}
    </span>
  );
}
