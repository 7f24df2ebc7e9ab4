import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { Refusal } from "./Findings";

const LONGEST_NOTE = 200;

/** Asks before the open session of a strategy is archived and the next one opened. */
export function StartFresh({ account, strategy, onClose, onStarted }: { account: string; strategy: string; onClose: () => void; onStarted: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const start = useAction<unknown>(() => {
    void client.invalidateQueries({ queryKey: ["sessions"] });
    onStarted();
  });
  const body = { account, strategy, ...(note.trim() === "" ? {} : { note: note.trim() }) };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Start ${strategy} afresh`}
      description={
        <p>
          Results are counted anew from now on account <strong className="text-text">{account}</strong>. Nothing is deleted: the present session is archived with its trades, and stays in this list and in the history. No position is closed and no setting changes.
        </p>
      }
      actions={
        <Button tone="primary" disabled={start.isPending} onClick={() => start.mutate({ path: "sessions/start-fresh", body })}>
          {start.isPending ? "Starting…" : "Archive and start fresh"}
        </Button>
      }
    >
      <TextField label="Note for the new session" hint="Optional: why it begins, at most 200 characters." value={note} onChange={(text) => setNote(text.slice(0, LONGEST_NOTE))} />
      {start.error !== null && <Refusal problem={start.error} />}
    </Dialog>
  );
}
