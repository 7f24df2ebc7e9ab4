import { useState } from "react";
import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Age } from "../../ui/Age";
import { Delta } from "../../ui/Figure";
import { PageTitle } from "../../ui/PageTitle";
import { total } from "./arithmetic";
import { ActionDialog } from "./ActionDialog";
import { HoldingCard } from "./HoldingCard";
import { holdingsOf } from "./pairs";
import { useRequests, type ActionName } from "./requests";
import { EntriesCard, RequestsCard } from "./SideCards";
import type { Position, PositionsAnswer } from "./types";

const EVERY_MS = 5_000;

/** Every open position: what it is, how it is protected, what it risks, and what can be done about it. */
export default function PositionsPage() {
  const query = useApi<PositionsAnswer>("positions", {}, { everyMs: EVERY_MS, staleMs: 1_000, keep: true });
  const requests = useRequests();
  // Kept here, not in the row: the position may close while its dialog tells what became of a request.
  const [asked, setAsked] = useState<{ action: ActionName; position: Position } | null>(null);
  const answer = query.data?.data;
  const positions = answer?.positions ?? [];
  const holdings = holdingsOf(positions);
  const named = new Set(positions.map((one) => one.account)).size > 1;
  const state = cardState(query, (found) => (found.data.positions.length === 0 ? "No position is open. What strategies decide stands under Decisions." : null));
  return (
    <>
      <PageTitle beside={answer !== undefined && <Summary answer={answer} />}>Positions</PageTitle>
      <div className="flex flex-col gap-3">
        {state.kind === "ready" ? (
          holdings.map((holding) => (
            <HoldingCard key={holding.key} holding={holding} requests={requests.data?.data.requests ?? []} asOfMs={answer?.time_ms ?? 0} onAction={(action, position) => setAsked({ action, position })} named={named} />
          ))
        ) : (
          <Card title="Open positions" source="ledger" state={state} />
        )}
        <div className="grid gap-3 xl:grid-cols-2">
          <EntriesCard entries={answer?.entries ?? []} atMs={answer?.time_ms ?? 0} />
          <RequestsCard query={requests} />
        </div>
      </div>
      {asked !== null && (
        <ActionDialog
          action={asked.action}
          seen={asked.position}
          current={positions.find((one) => one.account === asked.position.account && one.symbol === asked.position.symbol && one.side === asked.position.side)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

function Summary({ answer }: { answer: PositionsAnswer }) {
  const pnl = total(answer.positions.map((one) => one.unrealized_pnl));
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-dim">
      <span>
        <span className="figure text-text">{answer.positions.length}</span> open
      </span>
      <span>
        open P&amp;L <Delta value={pnl} />
      </span>
      {answer.unprotected > 0 ? (
        <span role="alert">
          <Chip tone="alarm">⚠ {answer.unprotected} without a stop</Chip>
        </span>
      ) : (
        <Chip tone="profit">✓ all protected</Chip>
      )}
      <Age atMs={answer.time_ms} periodMs={EVERY_MS} />
    </p>
  );
}
