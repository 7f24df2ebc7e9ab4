import { useQueryClient } from "@tanstack/react-query";
import { useAction, useApi } from "../../api/queries";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Table, type Column } from "../../ui/Table";
import { LEVELS } from "./FailuresCard";
import { PERIOD_MS } from "./StreamsCard";
import type { AlertRow, Alerts } from "./types";

/** What holds now. An alert that goes on is told again until somebody says here that it was seen. */
export function AlertsCard() {
  const client = useQueryClient();
  const query = useApi<Alerts>("alerts", { state: "open", limit: 100 }, { everyMs: PERIOD_MS });
  const acknowledge = useAction<unknown>(() => void client.invalidateQueries({ queryKey: ["alerts"] }));
  return (
    <Card
      title="Open alerts"
      source="alerts"
      atMs={query.data?.data.time_ms}
      periodMs={PERIOD_MS}
      flush
      state={cardState(query, (found) => (found.data.alerts.length === 0 ? "✓ No alert is open." : null))}
    >
      <Table
        caption="Alerts that are open, latest first"
        rows={query.data?.data.alerts ?? []}
        keyOf={(row) => `${row.key} ${row.episode}`}
        columns={columns((row) => acknowledge.mutate({ path: "alerts/ack", body: { key: row.key, episode: row.episode } }), acknowledge.isPending)}
      />
      {acknowledge.error !== null && (
        <p role="alert" className="px-3 py-1.5 text-danger">
          {acknowledge.error.title}. {acknowledge.error.detail}
        </p>
      )}
    </Card>
  );
}

function columns(onSeen: (row: AlertRow) => void, busy: boolean): Column<AlertRow>[] {
  return [
    { key: "level", title: "Level", cell: (row) => <Chip tone={LEVELS[row.level] ?? "plain"}>{row.level}</Chip> },
    {
      key: "what",
      title: "What",
      className: "min-w-40",
      cell: (row) => (
        <>
          {row.message}{" "}
          <span className="label block">
            since <Age atMs={row.first_ms} />, {row.count} {row.count === 1 ? "report" : "reports"}
          </span>
          <span className="label block break-words">{Object.entries(row.facts).map(([name, value]) => `${name} ${value}`).join(", ")}</span>
        </>
      ),
    },
    { key: "runbook", title: "What to do", wide: true, cell: (row) => `Runbook ${row.runbook.number}: ${row.runbook.title}` },
    {
      key: "seen",
      title: "Seen",
      right: true,
      cell: (row) =>
        row.acknowledged_ms === null ? (
          <Button small disabled={busy} onClick={() => onSeen(row)}>
            Acknowledge<span className="sr-only"> {row.message}</span>
          </Button>
        ) : (
          <span title={row.acknowledged_by} className="whitespace-nowrap text-dim">
            ✓ <Age atMs={row.acknowledged_ms} />
          </span>
        ),
    },
  ];
}
