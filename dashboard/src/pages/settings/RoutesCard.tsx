import { Age } from "../../ui/Age";
import { Card, type CardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { duration } from "../../words/times";
import { PERIOD_MS } from "./AccountsCard";
import type { RouteSetup, Setup } from "./types";

const KINDS: Readonly<Record<string, string>> = {
  sns: "the stage's topics (e-mail, text message)",
  telegram: "Telegram",
  discord: "Discord",
  webhook: "a web address of your own",
};

/** By which ways people hear of alerts, and whether these ways work. */
export function RoutesCard({ found, state }: { found: Setup | undefined; state: CardState }) {
  const alerts = found?.alerts;
  return (
    <Card
      title="Alert routes"
      source="globals, alerts of 30 days"
      atMs={found?.time_ms}
      periodMs={PERIOD_MS}
      flush
      state={alerts?.routes.length === 0 ? { kind: "empty", text: "No route is set: nobody hears of an alert unless this page is open." } : state}
    >
      {alerts !== undefined && (
        <>
          <Table caption="Routes by which alerts are told" rows={alerts.routes} keyOf={(row) => row.name} columns={COLUMNS} />
          <div className="flex flex-col gap-1 px-3 py-2 text-dim">
            <p>
              What goes on is told again: critical after {duration(alerts.critical_again_ms)}, high after {duration(alerts.high_again_ms)}, until it is over or somebody acknowledges it. An info is told once.
            </p>
            <p>
              The outside watch is {alerts.dead_man ? "on: somebody outside AWS hears every minute that all is looked at, and calls when that ends" : "off: nobody outside AWS notices when everything stops"}.
            </p>
            <p>
              Addresses are secrets: store one with <code className="figure">undertow secrets put-route NAME</code>, try all of them with <code className="figure">undertow alerts test</code>. The page can send none, because it may read no address.
            </p>
          </div>
        </>
      )}
    </Card>
  );
}

const COLUMNS: Column<RouteSetup>[] = [
  { key: "name", title: "Route", cell: (row) => <span className="font-medium">{row.name}</span> },
  { key: "kind", title: "Leads to", cell: (row) => KINDS[row.kind] ?? row.kind },
  { key: "levels", title: "Tells", cell: (row) => row.levels.join(", ") },
  { key: "told", title: "Took an alert", cell: (row) => (row.told_ms === null ? <span className="text-faint">not in 30 days</span> : <Age atMs={row.told_ms} />) },
  { key: "trouble", title: "Trouble", cell: (row) => (row.trouble === "" ? <span className="text-dim">none known</span> : <Chip tone="danger">✕ {row.trouble}</Chip>) },
];
