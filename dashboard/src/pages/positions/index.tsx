import { useState } from "react";
import { useMe } from "../../api/overview";
import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Age } from "../../ui/Age";
import { Delta } from "../../ui/Figure";
import { PageTitle } from "../../ui/PageTitle";
import { total } from "./arithmetic";
import { ActionDialog } from "./ActionDialog";
import { HoldingCard } from "./HoldingCard";
import { useLivePositions } from "./live";
import { holdingsOf } from "./pairs";
import { useRequests, type ActionName } from "./requests";
import { EntriesCard, RequestsCard } from "./SideCards";
import type { Position, PositionsAnswer } from "./types";

const EVERY_MS = 5_000;

/** Every open position: what it is, how it is protected, what it risks, and what can be done about it. */
export default function PositionsPage() {
  const query = useApi<PositionsAnswer>("positions", {}, { everyMs: EVERY_MS, staleMs: 1_000, keep: true });
  const requests = useRequests();
  const mayAct = useMe().data?.data.scopes.includes("write") ?? false;
  // Kept here, not in the row: the position may close while its dialog tells what became of a request.
  const [asked, setAsked] = useState<{ action: ActionName; position: Position } | null>(null);
  const answer = query.data?.data;
  const positions = useLivePositions(answer);
  const holdings = holdingsOf(positions);
  const named = new Set(positions.map((one) => one.account)).size > 1;
  const state = cardState(query, () => (positions.length === 0 ? "No position is open. What strategies decide stands under Decisions." : null));
  return (
    <>
      <PageTitle beside={answer !== undefined && <Summary positions={positions} atMs={answer.time_ms} />}>Positions</PageTitle>
      <div className="flex flex-col gap-3">
        {state.kind === "ready" ? (
          holdings.map((holding) => (
            <HoldingCard key={holding.key} holding={holding} requests={requests.data?.data.requests ?? []} asOfMs={answer?.time_ms ?? 0} onAction={mayAct ? (action, position) => setAsked({ action, position }) : null} named={named} />
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

function Summary({ positions, atMs }: { positions: readonly Position[]; atMs: number }) {
  const pnl = total(positions.map((one) => one.unrealized_pnl));
  const unprotected = positions.filter((one) => one.unprotected_for_ms !== null).length;
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-dim">
      <span>
        <span className="figure text-text">{positions.length}</span> open
      </span>
      <span>
        open P&amp;L <Delta value={pnl} />
      </span>
      {unprotected > 0 ? (
        <span role="alert">
          <Chip tone="alarm">⚠ {unprotected} without a stop</Chip>
        </span>
      ) : (
        <Chip tone="profit">✓ all protected</Chip>
      )}
      <Age atMs={atMs} periodMs={EVERY_MS} />
    </p>
  );
}
