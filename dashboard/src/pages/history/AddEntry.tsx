import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextField } from "../../ui/Field";

const KINDS = [
  { value: "transfer", title: "Deposit or withdrawal" },
  { value: "rebate", title: "Rebate" },
  { value: "reward", title: "Reward" },
  { value: "funding", title: "Funding" },
  { value: "commission", title: "Fees" },
  { value: "realized_pnl", title: "Realised profit" },
  { value: "insurance", title: "Insurance fund" },
  { value: "other", title: "Other" },
];

/** An entry by hand, for what the venue's books do not tell. */
export function AddEntry({ account, onClose }: { account: string; onClose: () => void }) {
  const [entry, setEntry] = useState({ kind: "transfer", amount: "", at: "", note: "" });
  const client = useQueryClient();
  const add = useAction<unknown>(() => {
    for (const path of ["adjustments", "transfers", "pnl"]) void client.invalidateQueries({ queryKey: [path] });
    onClose();
  });
  const flaw = (field: string) => {
    const found = add.error?.flawOf(field);
    return found === undefined ? null : `wanted: ${found.allowed}`;
  };
  const other = add.error !== null && add.error.flaws.length === 0 ? add.error.message : null;
  const body = { account, kind: entry.kind, amount: entry.amount, note: entry.note, ...(entry.at === "" ? {} : { at: entry.at }) };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Add an entry to the books of ${account}`}
      description={<p>For what the venue's books do not tell. It is marked as entered by hand, with your token's name, and can be revoked but not deleted.</p>}
      actions={
        <Button tone="primary" disabled={add.isPending} onClick={() => add.mutate({ path: "adjustments", body })}>
          Add the entry
        </Button>
      }
    >
      <SelectField label="Kind" value={entry.kind} onChange={(kind) => setEntry({ ...entry, kind })} options={KINDS} flaw={flaw("kind")} />
      <TextField label="Amount" unit="USDT" numeric hint="Negative for what went out." value={entry.amount} onChange={(amount) => setEntry({ ...entry, amount })} flaw={flaw("amount")} />
      <TextField label="When" hint="A day (2026-01-31) or a moment in UTC. Empty: it stands for everything before the first record." value={entry.at} onChange={(at) => setEntry({ ...entry, at })} flaw={flaw("at")} />
      <TextField label="Note" hint="Where this sum comes from." value={entry.note} onChange={(note) => setEntry({ ...entry, note })} flaw={flaw("note") ?? other} />
    </Dialog>
  );
}
