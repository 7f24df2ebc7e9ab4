import { useState } from "react";
import { useAction } from "../../api/queries";
import type { Problem } from "../../api/problem";
import { Button } from "../../ui/Button";
import { CheckField } from "../../ui/Field";
import { Dialog } from "../../ui/Dialog";
import { differences } from "./diff";
import { DifferenceTable } from "./DifferenceTable";
import { growthsIn } from "./growths";
import type { Changed, JsonObject } from "./types";

interface ApplyDialogProps {
  /** The version that the draft set out from; 0 for a strategy that is not there yet. */
  version: number;
  stored: JsonObject | null;
  draft: JsonObject;
  mode: string | null;
  warnings: readonly string[];
  onClose: () => void;
  onApplied: (changed: Changed) => void;
  /** Somebody was faster. */
  onMoved: () => void;
}

/** The last look before a draft comes into force. */
export function ApplyDialog({ version, stored, draft, mode, warnings, onClose, onApplied, onMoved }: ApplyDialogProps) {
  const [confirmed, setConfirmed] = useState(false);
  const id = String(draft["id"]);
  const apply = useAction<Changed>((answer) => onApplied(answer.data));
  const problem = apply.error;
  const asks = problem?.code === "confirmation_needed";
  const send = () =>
    apply.mutate({
      method: "PUT",
      path: `strategies/${encodeURIComponent(id)}`,
      body: asks ? { ...draft, confirm: true } : draft,
      ifMatch: `"${version}"`,
    });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={version === 0 ? `Create ${id}` : `Apply version ${version + 1} of ${id}`}
      description={
        <p>
          It trades on account <strong className="text-text">{String(draft["account"])}</strong>
          {mode !== null && <> ({mode})</>}. Decisions are made by it within 30 seconds. Open positions keep the stop and target they have, until those are moved.
        </p>
      }
      actions={
        problem?.code === "document_moved" ? (
          <Button tone="primary" onClick={onMoved}>
            Look at what changed
          </Button>
        ) : (
          <Button tone={asks ? "danger" : "primary"} disabled={apply.isPending || (asks && !confirmed)} onClick={send}>
            {apply.isPending ? "Applying…" : asks ? "Apply, more could be lost" : version === 0 ? "Create" : "Apply"}
          </Button>
        )
      }
    >
      <DifferenceTable caption="What changes" rows={differences(stored, draft)} before={version === 0 ? "Before" : `Version ${version}`} after="Draft" />
      {warnings.length > 0 && <Warnings warnings={warnings} />}
      {asks && <Growths problem={problem} confirmed={confirmed} onConfirmed={setConfirmed} />}
      {problem !== null && !asks && <Refusal problem={problem} />}
    </Dialog>
  );
}

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  return (
    <div role="status" className="rounded bg-warning-soft px-3 py-2">
      <p className="font-medium text-warning">Admissible, and probably not meant:</p>
      <ul className="list-disc pl-4">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </div>
  );
}

interface GrowthsProps {
  problem: Problem;
  confirmed: boolean;
  onConfirmed: (confirmed: boolean) => void;
}

/** Which settings let more be lost, and a tick that says so. */
export function Growths({ problem, confirmed, onConfirmed }: GrowthsProps) {
  const rows = growthsIn(problem);
  return (
    <div role="alert" className="flex flex-col gap-2 rounded border border-danger bg-danger-soft px-3 py-2">
      <p className="font-medium text-danger">More could be lost than now. Nothing was changed yet.</p>
      <ul className="list-disc pl-4">
        {rows.map((row) => (
          <li key={row.field}>
            <span className="figure">{row.field}</span>: from {row.before} to {row.after}
          </li>
        ))}
      </ul>
      <CheckField label="I know that more can be lost with this" checked={confirmed} onChange={onConfirmed} />
    </div>
  );
}

export function Refusal({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="rounded border border-danger bg-danger-soft px-3 py-2">
      <p className="font-medium text-danger">
        {problem.title}. {problem.detail}
      </p>
      {problem.flaws.length > 0 && (
        <ul className="list-disc pl-4">
          {problem.flaws.map((flaw) => (
            <li key={`${flaw.field} ${flaw.value}`}>
              <span className="figure">{flaw.field}</span>: {flaw.value}; allowed: {flaw.allowed}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
