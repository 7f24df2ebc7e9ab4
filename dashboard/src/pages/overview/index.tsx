import { useOverview } from "../../api/overview";
import { useChosenAccount } from "../../app/account";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { CascadeCard } from "./CascadeCard";
import { EquityCard } from "./EquityCard";
import { EventsCard } from "./EventsCard";
import { HealthCard } from "./HealthCard";
import { PnlCard } from "./PnlCard";
import { PositionsCard } from "./PositionsCard";
import { RiskRing } from "./RiskRing";

/** The account at a glance: one answer of the API, kept fresh by live news. */
export default function OverviewPage() {
  const query = useOverview();
  const overview = query.data?.data;
  const account = useChosenAccount(overview?.accounts ?? []);
  const state = cardState(query);
  const history = overview?.history?.accounts.find((one) => one.account === account?.account);
  const mine = overview?.positions.filter((one) => one.account === account?.account) ?? [];
  const drawn = (history?.equity.length ?? 0) < 2 && state.kind === "ready" ? ({ kind: "empty", text: "The balance was not read twice yet: the curve begins with the second reading." } as const) : state;
  return (
    <>
      <PageTitle
        beside={
          <Button small tone="quiet" className="ml-auto" disabled={query.isFetching} onClick={() => void query.refetch()}>
            <span aria-hidden>↻</span> Refresh
          </Button>
        }
      >
        Overview
      </PageTitle>
      <div className="grid grid-cols-1 gap-3 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="flex min-w-0 flex-col gap-3">
          <EquityCard account={account?.account ?? ""} history={history} changes={overview?.history?.changes ?? []} state={drawn} atMs={account?.money?.time_ms} />
          <PositionsCard positions={mine} state={state} atMs={overview?.time_ms} />
          <PnlCard history={history} state={state} atMs={overview?.history?.to_ms} />
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <Card title="Open risk" source="ledger, against the limit" atMs={overview?.time_ms} periodMs={30_000} state={state}>
            {account !== undefined && <RiskRing account={account} positions={mine} />}
          </Card>
          <CascadeCard cascades={overview?.cascades ?? []} state={state} />
          <HealthCard overview={overview} account={account} state={state} />
          <EventsCard events={overview?.events ?? []} state={state} atMs={overview?.time_ms} />
        </div>
      </div>
    </>
  );
}
