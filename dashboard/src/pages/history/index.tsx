import { useMe } from "../../api/overview";
import { linkTo, replaceWith, useRoute } from "../../app/route";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { Tabs } from "../../ui/Tabs";
import { nowMs } from "../../words/now";
import { BreakdownCard } from "./BreakdownCard";
import { ExportCard } from "./ExportCard";
import { AdjustmentsCard, TransfersCard } from "./LedgerCards";
import { PnlCard } from "./PnlCard";
import { rangeOf, ranges } from "./ranges";
import { SessionsCard } from "./SessionsCard";
import { TimelineView } from "./TimelineView";
import { TradesCard } from "./TradesCard";

const CONTROL = "h-7 rounded border border-line-strong bg-ground px-1.5";

export default function HistoryPage() {
  const { query } = useRoute();
  const accounts = useMe().data?.data.accounts ?? [];
  const account = query.get("account") ?? accounts[0]?.account ?? "";
  const range = rangeOf(query.get("range") ?? "30d", nowMs());
  const tab = query.get("tab") ?? "trades";
  const position = query.get("position");
  const show = (changed: Record<string, string>) => replaceWith(linkTo("history", [], { account, range: range.value, tab, ...changed }));
  const tabs = [
    { value: "trades", title: "Trades", content: <TradesCard key={`${account} ${range.value}`} account={account} range={range} /> },
    {
      value: "profit",
      title: "Profit",
      content: (
        <div className="grid gap-3 xl:grid-cols-2">
          <div className="min-w-0 xl:col-span-2">
            <PnlCard account={account} range={range} />
          </div>
          <BreakdownCard account={account} range={range} first="symbol" />
          <BreakdownCard account={account} range={range} first="hour" />
        </div>
      ),
    },
    { value: "sessions", title: "Sessions", content: <SessionsCard account={account} /> },
    {
      value: "ledger",
      title: "Deposits and entries",
      content: (
        <div className="grid gap-3">
          <TransfersCard account={account} range={range} />
          <AdjustmentsCard account={account} />
        </div>
      ),
    },
    { value: "export", title: "Export", content: <ExportCard account={account} /> },
  ];
  return (
    <>
      <PageTitle
        beside={
          <div className="flex flex-wrap items-center gap-2" role="group" aria-label="What is shown">
            <select aria-label="Account" className={CONTROL} value={account} onChange={(event) => show({ account: event.target.value })}>
              {accounts.map((one) => (
                <option key={one.account} value={one.account}>
                  {one.account} ({one.mode})
                </option>
              ))}
            </select>
            <select aria-label="Time" className={CONTROL} value={range.value} onChange={(event) => show({ range: event.target.value })}>
              {ranges(nowMs()).map((one) => (
                <option key={one.value} value={one.value}>
                  {one.title}
                </option>
              ))}
            </select>
          </div>
        }
      >
        History
      </PageTitle>
      {position !== null && account !== "" && (
        <Card title="Timeline of one position" source="ledger" className="mb-3" flush actions={<Button small onClick={() => show({})}>Close</Button>}>
          <TimelineView position={position} account="" />
        </Card>
      )}
      <Tabs label="History" tabs={tabs} value={tab} onValueChange={(chosen) => show({ tab: chosen })} />
    </>
  );
}
