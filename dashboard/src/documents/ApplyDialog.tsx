import { useState, type ReactNode } from "react";
import { useAction, type Action } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { differences } from "./diff";
import { DifferenceTable } from "./DifferenceTable";
import { Growths, Refusal, Warnings } from "./Findings";
import type { Changed, JsonObject } from "./types";

interface ApplyDialogProps {
  title: string;
  /** Whom it concerns, and from when on it holds. */
  description: ReactNode;
  /** The version that the draft set out from; 0 for a document that is not there yet. */
  version: number;
  stored: JsonObject | null;
  draft: JsonObject;
  /** How the draft is sent; `confirmed` says that more may be lost with it. */
  request: (confirmed: boolean) => Action;
  warnings: readonly string[];
  onClose: () => void;
  onApplied: (changed: Changed) => void;
  /** Somebody was faster. */
  onMoved: () => void;
}

/** The last look before a draft comes into force. */
export function ApplyDialog({ title, description, version, stored, draft, request, warnings, onClose, onApplied, onMoved }: ApplyDialogProps) {
  const [confirmed, setConfirmed] = useState(false);
  const apply = useAction<Changed>((answer) => onApplied(answer.data));
  const problem = apply.error;
  const asks = problem?.code === "confirmation_needed";
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      actions={
        problem?.code === "document_moved" ? (
          <Button tone="primary" onClick={onMoved}>
            Look at what changed
          </Button>
        ) : (
          <Button tone={asks ? "danger" : "primary"} disabled={apply.isPending || (asks && !confirmed)} onClick={() => apply.mutate({ ...request(asks), ifMatch: `"${version}"` })}>
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
