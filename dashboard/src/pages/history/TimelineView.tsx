import { useApi } from "../../api/queries";
import { linkTo } from "../../app/route";
import { cardState } from "../../ui/Card";
import { Delta } from "../../ui/Figure";
import { Moment } from "../../ui/Moment";
import { exact, shortDollars } from "../../words/figures";
import { duration } from "../../words/times";
import { sinceBefore } from "./ranges";
import type { Step, StepKind, Timeline } from "./types";

/** From the signal to the exit, step by step, with the time between. */
export function TimelineView({ position, account }: { position: string; account: string }) {
  const query = useApi<Timeline>(`positions/${encodeURIComponent(position)}/timeline`, { account });
  const state = cardState(query);
  const timeline = query.data?.data;
  if (state.kind === "error") return <p role="alert" className="p-3 text-danger">{state.problem.title}. {state.problem.detail}</p>;
  if (timeline === undefined) return <p className="p-3 text-faint" aria-busy="true">Reading the steps…</p>;
  return (
    <div className="sticky left-0 flex w-[min(100%,calc(100vw-1.75rem))] flex-col gap-2 p-3">
      <ol aria-label={`Steps of the ${timeline.side.toLowerCase()} on ${timeline.symbol}`} className="flex flex-col">
        {timeline.steps.map((step, index) => (
          <StepLine key={index} step={step} afterMs={sinceBefore(step.at_ms, timeline.steps[index - 1]?.at_ms)} timeline={timeline} />
        ))}
      </ol>
      {timeline.open && <p className="text-dim">The position is still open.</p>}
      {timeline.truncated && <p className="text-warning">The account had more orders in this time than are read: some steps are missing.</p>}
    </div>
  );
}

const MARK: Record<StepKind, { shape: string; look: string }> = {
  signal: { shape: "◇", look: "text-reserved" },
  decision: { shape: "◆", look: "text-reserved" },
  order: { shape: "○", look: "text-dim" },
  answer: { shape: "◌", look: "text-dim" },
  order_end: { shape: "×", look: "text-faint" },
  fill: { shape: "●", look: "text-text" },
  protected: { shape: "■", look: "text-profit" },
  correction: { shape: "!", look: "text-warning" },
  closed: { shape: "▣", look: "text-text" },
};

function StepLine({ step, afterMs, timeline }: { step: Step; afterMs: number | null; timeline: Timeline }) {
  const { shape, look } = MARK[step.kind];
  return (
    <li className="grid grid-cols-[auto_auto_1fr] items-baseline gap-x-2 border-l border-line py-0.5 pl-2 sm:grid-cols-[9rem_4.5rem_auto_1fr]">
      <span className="text-dim"><Moment ms={step.at_ms} full /></span>
      <span className="label figure text-right">{afterMs === null ? "" : `+${duration(afterMs)}`}</span>
      <span aria-hidden className={`hidden w-4 text-center sm:inline ${look}`}>{shape}</span>
      <span className="col-span-3 min-w-0 sm:col-span-1">
        <span className="font-medium">{step.title}</span> <StepFigures step={step} /> {step.note !== "" && <span className="label">{step.note}</span>}{" "}
        {step.kind === "decision" && (
          <a className="label underline" href={linkTo("decisions", [], { outcome: "taken", symbol: timeline.symbol, range: "7d" })}>
            decisions on {timeline.symbol}
          </a>
        )}
      </span>
    </li>
  );
}

function StepFigures({ step }: { step: Step }) {
  const parts: string[] = [];
  if (step.side !== null) parts.push(step.side.toLowerCase());
  if (step.quantity !== null) parts.push(exact(step.quantity));
  if (step.price !== null) parts.push(`at ${exact(step.price)}`);
  return (
    <>
      <span className="figure text-dim">{parts.join(" ")}</span>{" "}
      {step.kind === "signal" && step.amount !== null && <span className="figure text-dim">{shortDollars(step.amount)}</span>}
      {(step.kind === "fill" || step.kind === "closed") && step.amount !== null && <Delta value={step.amount} places={4} />}
    </>
  );
}
