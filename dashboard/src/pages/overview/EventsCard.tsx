import type { Happened } from "../../api/overview";
import { Card, type CardState } from "../../ui/Card";
import { Delta } from "../../ui/Figure";
import { Moment } from "../../ui/Moment";
import { signOf } from "../../words/decimal";
import { exact } from "../../words/figures";
import { priceLike } from "../../words/prices";

const MARK: Readonly<Record<Happened["kind"], { sign: string; word: string; paint: string }>> = {
  fill: { sign: "◆", word: "Fill", paint: "text-reserved" },
  decision: { sign: "›", word: "Decision", paint: "text-dim" },
  alert: { sign: "▲", word: "Alert", paint: "text-warning" },
  change: { sign: "✎", word: "Change", paint: "text-faint" },
};

export function EventsCard({ events, state, atMs }: { events: readonly Happened[]; state: CardState; atMs: number | undefined }) {
  const shown: CardState = state.kind === "ready" && events.length === 0 ? { kind: "empty", text: "Nothing happened in the last day." } : state;
  return (
    <Card title="Last events" source="ledger, decisions, alerts, audit" atMs={atMs} state={shown} flush>
      <ol className="divide-y divide-line">
        {events.map((event) => (
          <li key={event.id} className="flex items-baseline gap-2 px-3 py-1">
            <span className={`w-3 shrink-0 text-center ${paintOf(event)}`} title={MARK[event.kind].word}>
              <span aria-hidden>{MARK[event.kind].sign}</span>
              <span className="sr-only">{MARK[event.kind].word}:</span>
            </span>
            <span className="min-w-0 flex-1 break-words">
              <Words event={event} />
            </span>
            <span className="shrink-0 text-faint">
              <Moment ms={event.time_ms} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function paintOf(event: Happened): string {
  return event.level === "critical" ? "text-danger" : MARK[event.kind].paint;
}

function Words({ event }: { event: Happened }) {
  if (event.kind === "fill") {
    return (
      <>
        {event.side === "BUY" ? "Bought" : "Sold"} <span className="figure">{exact(event.quantity)}</span> <span className="font-medium">{event.symbol}</span> at{" "}
        <span className="figure">{priceLike(event.price)}</span>
        {signOf(event.realized_pnl) !== 0 && (
          <>
            {" "}
            <Delta value={event.realized_pnl} />
          </>
        )}
      </>
    );
  }
  if (event.kind === "decision") {
    return (
      <>
        <span className="font-medium">{event.symbol}</span> {event.position_side?.toLowerCase()}: {event.words} <span className="text-faint">by {event.by}</span>
      </>
    );
  }
  return (
    <>
      {event.words}
      {event.by !== "" && <span className="text-faint"> by {event.by}</span>}
    </>
  );
}
