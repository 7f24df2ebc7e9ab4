import { useId, type ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { asProblem, type Problem } from "../api/problem";
import { Age, useStale } from "./Age";
import { Button } from "./Button";

export type CardState =
  | { kind: "ready" }
  | { kind: "loading" }
  | { kind: "empty"; text: string }
  | { kind: "error"; problem: Problem; retry?: () => void };

interface CardProps {
  title: string;
  children?: ReactNode;
  /** Where the figures come from, in words: "venue, user stream". */
  source?: string;
  /** When the figures were true (epoch ms). */
  atMs?: number;
  /** How often they come; after twice that they are old and grey. */
  periodMs?: number;
  state?: CardState;
  /** Buttons, filters. */
  actions?: ReactNode;
  /** No padding, for tables that reach the edge. */
  flush?: boolean;
  className?: string;
}

const READY: CardState = { kind: "ready" };

/** What a query means for a card. An answer that is there stays shown while a newer one fails; its age tells. */
export function cardState<T>(query: UseQueryResult<T, Error>, emptyText?: (data: T) => string | null): CardState {
  if (query.data !== undefined) {
    const text = emptyText?.(query.data) ?? null;
    return text === null ? READY : { kind: "empty", text };
  }
  if (query.isError) return { kind: "error", problem: asProblem(query.error), retry: () => void query.refetch() };
  return { kind: "loading" };
}

export function Card({ title, children, source, atMs, periodMs, state = READY, actions, flush, className = "" }: CardProps) {
  const titleId = useId();
  const stale = useStale(atMs, periodMs);
  return (
    <section aria-labelledby={titleId} aria-busy={state.kind === "loading"} className={`flex min-w-0 flex-col rounded-md border border-line bg-panel ${className}`}>
      <header className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1">
        <h2 id={titleId} className="font-semibold">
          {title}
        </h2>
        <p className="label flex gap-2">
          {source !== undefined && <span>{source}</span>}
          {atMs !== undefined && <Age atMs={atMs} periodMs={periodMs} />}
        </p>
        {actions !== undefined && <div className="ml-auto flex items-center gap-2">{actions}</div>}
      </header>
      <div className={`min-h-0 flex-1 ${flush ? "" : "p-3"} ${stale ? "border-l-2 border-dashed border-warning grayscale" : ""}`}>
        <CardBody state={state}>{children}</CardBody>
      </div>
    </section>
  );
}

function CardBody({ state, children }: { state: CardState; children: ReactNode }) {
  switch (state.kind) {
    case "ready":
      return children;
    case "loading":
      return <Skeleton />;
    case "empty":
      return <p className="p-3 text-dim">{state.text}</p>;
    case "error":
      return <CardError problem={state.problem} retry={state.retry} />;
  }
}

function CardError({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 p-3">
      <p className="font-medium text-danger">{problem.title}</p>
      {problem.detail !== "" && <p className="text-dim">{problem.detail}</p>}
      <p className="label">
        code <span className="figure">{problem.code}</span>
      </p>
      {retry !== undefined && (
        <Button small onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

function Skeleton() {
  return (
    <div className="flex flex-col gap-2 p-3" role="status">
      <span className="sr-only">Loading</span>
      {["w-3/4", "w-1/2", "w-2/3"].map((width) => (
        <div key={width} className={`h-3 animate-pulse rounded bg-raised ${width}`} />
      ))}
    </div>
  );
}
