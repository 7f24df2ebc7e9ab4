import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useAction, useApi } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Card, cardState } from "../../ui/Card";
import { Chip } from "../../ui/Chip";
import { Dialog } from "../../ui/Dialog";
import { Delta } from "../../ui/Figure";
import { Moment } from "../../ui/Moment";
import { Table, type Column } from "../../ui/Table";
import { figureText } from "../../words/decimal";
import { AddEntry } from "./AddEntry";
import type { Range } from "./ranges";
import type { Adjustment, Adjustments, FlowRow, Transfers } from "./types";

const EVERY_MS = 60_000;

/** Deposits and withdrawals, by the venue's books and by hand. They are capital, never profit. */
export function TransfersCard({ account, range }: { account: string; range: Range }) {
  const query = useApi<Transfers>("transfers", { account, from_ms: range.fromMs, to_ms: range.toMs, limit: 200 }, { enabled: account !== "", everyMs: EVERY_MS, keep: true });
  const found = query.data?.data.accounts.find((one) => one.account === account);
  return (
    <Card title="Deposits and withdrawals" source="venue's books, and by hand" atMs={query.data?.data.time_ms} periodMs={EVERY_MS} flush state={cardState(query)}>
      {found !== undefined && (
        <>
          <p className="px-3 pt-2">
            In this time {amounts(found.deposits)} came in and {amounts(found.withdrawals)} went out. Deposited ever, net: {amounts(found.deposited_ever)}.
          </p>
          <Table caption="Deposits and withdrawals, newest first" columns={FLOWS} rows={found.rows} keyOf={(row) => `${row.time_ms} ${row.amount} ${row.adjustment ?? row.note}`} empty="Nothing came in or went out in this time." />
        </>
      )}
    </Card>
  );
}

function amounts(byAsset: Record<string, string>): string {
  const parts = Object.entries(byAsset).map(([asset, amount]) => `${figureText(amount, { places: 8, least: 2 })} ${asset}`);
  return parts.length === 0 ? "nothing" : parts.join(" and ");
}

const When = ({ ms }: { ms: number | null }) => (ms === null ? <span className="text-dim">before the first record</span> : <Moment ms={ms} full />);

const FLOWS: Column<FlowRow>[] = [
  { key: "time", title: "UTC", cell: (row) => <When ms={row.time_ms} /> },
  { key: "amount", title: "Amount", right: true, cell: (row) => <span className="figure">{figureText(row.amount, { places: 8, least: 2, plus: true })} {row.asset}</span> },
  { key: "source", title: "Source", cell: (row) => row.source },
  { key: "note", title: "Note", cell: (row) => row.note },
];

/** What people entered; revoked entries stay visible. */
export function AdjustmentsCard({ account }: { account: string }) {
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Adjustment | null>(null);
  const query = useApi<Adjustments>("adjustments", { account, limit: 500 }, { enabled: account !== "", everyMs: EVERY_MS, keep: true });
  const answer = query.data?.data;
  return (
    <>
      <Card
        title="Entries by hand"
        source="records, never deleted"
        atMs={answer?.time_ms}
        periodMs={EVERY_MS}
        flush
        state={cardState(query, (found) => (found.data.adjustments.length === 0 ? "Nobody has entered anything by hand." : null))}
        actions={<Button small disabled={account === ""} onClick={() => setAdding(true)}>Add an entry</Button>}
      >
        {answer !== undefined && <Table caption="Entries by hand" columns={columns(setRevoking)} rows={answer.adjustments} keyOf={(row) => row.id} />}
      </Card>
      {adding && <AddEntry account={account} onClose={() => setAdding(false)} />}
      {revoking !== null && <Revoke entry={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function columns(onRevoke: (row: Adjustment) => void): Column<Adjustment>[] {
  return [
    { key: "at", title: "Counts at, UTC", cell: (row) => <When ms={row.at_ms} /> },
    { key: "kind", title: "Kind", cell: (row) => row.kind.replaceAll("_", " ") },
    { key: "amount", title: "Amount", right: true, cell: (row) => <span className={row.revoked_at_ms === null ? "" : "line-through"}><Delta value={row.amount} bare /></span> },
    { key: "note", title: "Note", cell: (row) => row.note },
    { key: "by", title: "Entered", wide: true, cell: (row) => <>by {row.by}, <Moment ms={row.created_at_ms} full /></> },
    {
      key: "revoke",
      title: <span className="sr-only">Actions</span>,
      right: true,
      cell: (row) => (row.revoked_at_ms === null ? <Button small onClick={() => onRevoke(row)}>Revoke</Button> : <Chip title={`by ${row.revoked_by ?? ""}`}>revoked</Chip>),
    },
  ];
}

function Revoke({ entry, onClose }: { entry: Adjustment; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useAction<unknown>(() => {
    for (const path of ["adjustments", "transfers", "pnl"]) void client.invalidateQueries({ queryKey: [path] });
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Revoke this entry"
      description={<p>{figureText(entry.amount, { places: 8, least: 2, plus: true })} USDT ({entry.note}) no longer counts in the books of {entry.account}. The entry stays visible as revoked.</p>}
      actions={<Button tone="danger" disabled={revoke.isPending} onClick={() => revoke.mutate({ path: `adjustments/${encodeURIComponent(entry.id)}/revoke`, body: { account: entry.account } })}>Revoke</Button>}
    >
      {revoke.error !== null && <p role="alert" className="text-danger">{revoke.error.message}</p>}
    </Dialog>
  );
}
