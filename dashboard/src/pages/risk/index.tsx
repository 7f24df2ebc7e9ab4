import { useApi } from "../../api/queries";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { PageTitle } from "../../ui/PageTitle";
import type { PositionsAnswer } from "../positions/types";
import { modeName } from "../positions/words";
import { AdviceCard } from "./AdviceCard";
import { BlocksCard } from "./BlocksCard";
import { BudgetCard } from "./BudgetCard";
import { ExposureCard } from "./ExposureCard";
import { GateCard } from "./GateCard";
import { LimitsCard } from "./LimitsCard";
import { ScenarioCard } from "./ScenarioCard";
import { SymbolsCard } from "./SymbolsCard";
import { WhatIfCard } from "./WhatIfCard";
import type { AccountRisk, RiskAnswer } from "./types";

const EVERY_MS = 10_000;

/** What is at risk, what may still be risked, what could happen, and what stands in the way. */
export default function RiskPage() {
  const query = useApi<RiskAnswer>("risk", {}, { everyMs: EVERY_MS, staleMs: 2_000, keep: true });
  const positions = useApi<PositionsAnswer>("positions", {}, { everyMs: EVERY_MS, staleMs: 2_000, keep: true });
  const answer = query.data?.data;
  const state = cardState(query, (found) => (found.data.accounts.length === 0 ? "No account is configured yet." : null));
  const asOf = { atMs: answer?.time_ms ?? 0, periodMs: EVERY_MS };
  return (
    <>
      <PageTitle>Risk</PageTitle>
      {state.kind !== "ready" && <Card title="Risk budget" source="ledger and balance" state={state} />}
      {answer?.accounts.map((risk) => (
        <section key={risk.account} aria-label={`Risk of account ${risk.account}`} className="mb-3">
          {answer.accounts.length > 1 && (
            <h2 className="mb-2 font-semibold">
              {risk.account} <Chip tone={risk.mode === "live" ? "alarm" : "plain"}>{modeName(risk.mode)}</Chip>
            </h2>
          )}
          <AccountCards risk={risk} positions={positions} {...asOf} />
        </section>
      ))}
      <div className="grid gap-3">
        <LimitsCard />
      </div>
    </>
  );
}

interface AccountCardsProps {
  risk: AccountRisk;
  positions: ReturnType<typeof useApi<PositionsAnswer>>;
  atMs: number;
  periodMs: number;
}

function AccountCards({ risk, positions, atMs, periodMs }: AccountCardsProps) {
  return (
    <div className="grid gap-3 xl:grid-cols-2">
      <div className="min-w-0 xl:col-span-2">
        <BudgetCard risk={risk} atMs={atMs} periodMs={periodMs} />
      </div>
      <ScenarioCard risk={risk} atMs={atMs} periodMs={periodMs} />
      <div className="flex min-w-0 flex-col gap-3">
        <ExposureCard risk={risk} query={positions} periodMs={periodMs} />
        <BlocksCard />
      </div>
      <div className="min-w-0 xl:col-span-2">
        <SymbolsCard risk={risk} atMs={atMs} periodMs={periodMs} />
      </div>
      <GateCard risk={risk} atMs={atMs} periodMs={periodMs} />
      <div className="flex min-w-0 flex-col gap-3">
        <WhatIfCard account={risk.account} />
        <AdviceCard account={risk.account} />
      </div>
    </div>
  );
}
