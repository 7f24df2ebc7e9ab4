import { Chip, type ChipTone } from "../../ui/Chip";
import { Moment } from "../../ui/Moment";
import type { PositionRequest } from "./types";

const STATE: Readonly<Record<PositionRequest["state"], { tone: ChipTone; title: string; mark: string }>> = {
  asked: { tone: "reserved", title: "asked", mark: "…" },
  done: { tone: "profit", title: "done", mark: "✓" },
  refused: { tone: "danger", title: "refused", mark: "✕" },
};

export function RequestChip({ request }: { request: PositionRequest }) {
  const { tone, title, mark } = STATE[request.state];
  const under = request.state === "asked" && request.begun_at_ms !== null ? "under way" : title;
  return (
    <Chip tone={tone}>
      <span aria-hidden>{mark}</span> {under}
    </Chip>
  );
}

/** What became of a request, told as it happens. */
export function RequestProgress({ request }: { request: PositionRequest }) {
  const waiting = request.state === "asked";
  return (
    <div role="status" aria-live="polite" className="flex flex-col gap-1.5 rounded border border-line bg-raised p-3">
      <div className="flex flex-wrap items-center gap-2">
        <RequestChip request={request} />
        <span className="font-medium">{request.what}</span>
      </div>
      <p className="text-dim">
        {waiting ? (request.begun_at_ms === null ? "Written down. Waiting for the function that holds the exchange's key." : "Begun. Waiting for the venue's word.") : request.reason}
      </p>
      <p className="label">
        asked <Moment ms={request.asked_at_ms} />
        {request.finished_at_ms !== null && (
          <>
            {" "}
            · ended <Moment ms={request.finished_at_ms} />
          </>
        )}
        {request.orders.length > 0 && <span className="figure"> · {request.orders.join(", ")}</span>}
      </p>
    </div>
  );
}
