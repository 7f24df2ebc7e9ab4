import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "../../api/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Growths, Refusal } from "../../documents/Findings";
import { differences } from "../../documents/diff";
import { DifferenceTable } from "../../documents/DifferenceTable";
import type { Changed, JsonObject } from "../../documents/types";
import type { StrategyAnswer } from "./types";

interface RestoreDialogProps {
  strategy: StrategyAnswer;
  version: number;
  document: JsonObject;
  onClose: () => void;
  onRestored: (version: number) => void;
}

/** An earlier version becomes the newest one, under today's checks. */
export function RestoreDialog({ strategy, version, document, onClose, onRestored }: RestoreDialogProps) {
  const client = useQueryClient();
  const [confirmed, setConfirmed] = useState(false);
  const restore = useAction<Changed>((answer) => {
    void client.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith("strategies") });
    onRestored(answer.data.version);
  });
  const asks = restore.error?.code === "confirmation_needed";
  const send = () =>
    restore.mutate({
      path: `strategies/${encodeURIComponent(strategy.id)}/restore`,
      body: asks ? { version, confirm: true } : { version },
      ifMatch: `"${strategy.version}"`,
    });
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={`Restore version ${version} of ${strategy.id}`}
      description={
        <p>
          It trades on account <strong className="text-text">{strategy.account}</strong>
          {strategy.mode !== null && <> ({strategy.mode})</>}. The version is stored again as a new one; nothing on record is lost.
        </p>
      }
      actions={
        <Button tone={asks ? "danger" : "primary"} disabled={restore.isPending || (asks && !confirmed)} onClick={send}>
          {restore.isPending ? "Restoring…" : asks ? "Restore, more could be lost" : "Restore"}
        </Button>
      }
    >
      <DifferenceTable caption="What changes" rows={differences(strategy.document, document)} before="Now" after={`Version ${version}`} />
      {asks && restore.error !== null && <Growths problem={restore.error} confirmed={confirmed} onConfirmed={setConfirmed} />}
      {restore.error !== null && !asks && <Refusal problem={restore.error} />}
    </Dialog>
  );
}
