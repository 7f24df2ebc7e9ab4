import { useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { SelectField, TextField } from "../../ui/Field";
import { FileCard } from "./FileCard";
import type { JsonObject } from "../../documents/types";

interface NewStrategyProps {
  kinds: readonly string[];
  accounts: readonly string[];
  taken: readonly string[];
  namePattern: string;
  onStart: (document: JsonObject) => void;
}

const WORDS: Readonly<Record<string, string>> = {
  hunter: "hunter: one entry when enough was liquidated within a window",
  ladder: "ladder: layers after an unusually large liquidation",
};

/** The first step towards a strategy: what never changes about it. It begins switched off, and nothing is stored yet. */
export function NewStrategy({ kinds, accounts, taken, namePattern, onStart }: NewStrategyProps) {
  const [id, setId] = useState("");
  const [kind, setKind] = useState(kinds[0] ?? "");
  const [account, setAccount] = useState(accounts[0] ?? "");
  const flaw = id === "" ? null : taken.includes(id) ? "There is a strategy of that name already." : new RegExp(namePattern, "u").test(id) ? null : "1 to 32 small letters, digits and hyphens, not beginning with a hyphen.";
  const start = (event: FormEvent) => {
    event.preventDefault();
    if (id === "" || flaw !== null) return;
    onStart({ id, kind, account, enabled: false, base: {}, symbols: {} });
  };
  return (
    <div className="flex flex-col gap-3">
      <Card title="New strategy" source="nothing is stored before you apply it">
        <form onSubmit={start} className="grid max-w-3xl items-start gap-3 md:grid-cols-3">
          <TextField label="Name" hint="It never changes." value={id} onChange={setId} flaw={flaw} />
          <SelectField label="Kind" hint="It decides which settings there are." value={kind} onChange={setKind} options={kinds.map((one) => ({ value: one, title: WORDS[one] ?? one }))} />
          <SelectField label="Account" hint="The account it trades on." value={account} onChange={setAccount} options={accounts.map((one) => ({ value: one, title: one }))} />
          <Button type="submit" tone="primary" disabled={id === "" || flaw !== null || account === ""} className="md:col-span-3 md:justify-self-start">
            Fill in its settings
          </Button>
        </form>
      </Card>
      <FileCard strategy={null} onDocument={onStart} />
    </div>
  );
}
