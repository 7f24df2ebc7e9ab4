import { useApi } from "../../api/queries";
import { cardState } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { duration } from "../../words/times";
import { AlertsCard } from "./AlertsCard";
import { AuditCard } from "./AuditCard";
import { FailuresCard } from "./FailuresCard";
import { ImportsCard } from "./ImportsCard";
import { LatencyCard } from "./LatencyCard";
import { OrdersCard } from "./OrdersCard";
import { ReconciliationCard } from "./ReconciliationCard";
import { PERIOD_MS, StreamsCard } from "./StreamsCard";
import { WeightCard } from "./WeightCard";
import type { Operations } from "./types";

export default function OperationsPage() {
  const query = useApi<Operations>("operations", {}, { everyMs: PERIOD_MS });
  const found = query.data?.data;
  const state = cardState(query);
  return (
    <>
      <PageTitle beside={found !== undefined && <Deployed found={found} />}>Operations</PageTitle>
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <div className="grid min-w-0 gap-3">
          <AlertsCard />
          <StreamsCard found={found} state={state} />
          <WeightCard found={found} state={state} />
          <FailuresCard found={found} state={state} />
        </div>
        <div className="grid min-w-0 gap-3">
          <OrdersCard found={found} state={state} />
          <ReconciliationCard found={found} state={state} />
          <LatencyCard found={found} state={state} />
          <ImportsCard found={found} state={state} />
        </div>
        <div className="min-w-0 lg:col-span-2">
          <AuditCard />
        </div>
      </div>
    </>
  );
}

function Deployed({ found }: { found: Operations }) {
  return (
    <p className="label flex gap-3">
      <span>
        version <span className="figure">{found.version}</span>
      </span>
      <span>
        globals <span className="figure">{found.parameters.globals}</span>, read {duration(found.parameters.age_ms)} ago
      </span>
    </p>
  );
}
