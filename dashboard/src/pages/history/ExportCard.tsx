import { useState } from "react";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Card";
import { SelectField } from "../../ui/Field";
import { asProblem } from "../../api/problem";
import { count } from "../../words/figures";
import { utcDay } from "../../words/times";
import { nowMs } from "../../words/now";
import { fetchWhole, type Format } from "./exported";
import { rangeOf, ranges } from "./ranges";

const KINDS = [
  { value: "trades", title: "Trades (each fill)" },
  { value: "positions", title: "Closed positions" },
  { value: "incomes", title: "Venue's books (funding, fees, transfers)" },
  { value: "orders", title: "Orders" },
  { value: "decisions", title: "Decisions" },
  { value: "balances", title: "Balances" },
];

type State = { kind: "idle" } | { kind: "busy"; rows: number } | { kind: "done"; text: string } | { kind: "failed"; text: string };

/** Everything that is stored, as a file; whole calendar years for the tax office. */
export function ExportCard({ account }: { account: string }) {
  const [what, setWhat] = useState("trades");
  const [chosen, setChosen] = useState(String(new Date(nowMs()).getUTCFullYear()));
  const [state, setState] = useState<State>({ kind: "idle" });
  const save = async (format: Format) => {
    const range = rangeOf(chosen, nowMs());
    const until = range.toMs ?? nowMs();
    setState({ kind: "busy", rows: 0 });
    try {
      const file = await fetchWhole({ what, account, fromMs: range.fromMs, toMs: until }, format, (rows) => setState({ kind: "busy", rows }));
      saveAs(file.blob, `undertow-${account}-${what}-${utcDay(range.fromMs)}-${utcDay(until)}.${format}`);
      setState({ kind: "done", text: `Saved ${count(file.rows)} rows.` });
    } catch (error) {
      setState({ kind: "failed", text: asProblem(error).message });
    }
  };
  const busy = state.kind === "busy";
  return (
    <Card title="Export" source="records, with nothing left out and nothing rounded">
      <div className="flex max-w-3xl flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-2">
          <SelectField label="What" value={what} onChange={setWhat} options={KINDS} />
          <SelectField label="Time" hint="Years are calendar years in UTC." value={chosen} onChange={setChosen} options={ranges(nowMs())} />
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <Button tone="primary" disabled={busy || account === ""} onClick={() => void save("csv")}>Save as CSV</Button>
          <Button disabled={busy || account === ""} onClick={() => void save("json")}>Save as JSON</Button>
          <p role="status" className={state.kind === "failed" ? "text-danger" : "text-dim"}>{told(state)}</p>
        </div>
        <p className="label">Of account {account}. Figures are exact decimal text; times stand in UTC and as epoch milliseconds.</p>
      </div>
    </Card>
  );
}

function told(state: State): string {
  if (state.kind === "busy") return `Reading… ${count(state.rows)} rows so far.`;
  return state.kind === "idle" ? "" : state.text;
}

function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
