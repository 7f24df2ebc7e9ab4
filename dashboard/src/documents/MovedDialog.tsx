import { useApi } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { differences, rebased } from "./diff";
import { DifferenceTable } from "./DifferenceTable";
import type { JsonObject } from "./types";

/** What both kinds of documents are answered as, beside what only one of them has. */
interface Stored {
  version: number;
  document: JsonObject;
}

interface MovedDialogProps {
  /** What was changed, in words. */
  name: string;
  /** Where the document is asked for. */
  path: string;
  original: JsonObject;
  mine: JsonObject;
  onClose: () => void;
  /** The draft to go on with, the version it now sets out from, and that version's document. */
  onChosen: (draft: JsonObject, version: number, from: JsonObject) => void;
}

/** Somebody else was faster: what they changed, and two ways on. The draft is lost on neither unless that is chosen. */
export function MovedDialog({ name, path, original, mine, onClose, onChosen }: MovedDialogProps) {
  const query = useApi<Stored>(path, {}, { staleMs: 0 });
  // What was cached from before the refusal is not what they changed.
  const theirs = query.isFetching ? undefined : query.data?.data;
  const merged = theirs === undefined ? null : rebased(original, mine, theirs.document);
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={`${name} was changed meanwhile`}
      description="Nothing of yours was stored, and nothing of theirs was overwritten. Your draft is still here."
      actions={
        theirs !== undefined &&
        merged !== null && (
          <>
            <Button onClick={() => onChosen(theirs.document, theirs.version, theirs.document)}>Take theirs, drop mine</Button>
            <Button tone="primary" onClick={() => onChosen(merged.document, theirs.version, theirs.document)}>
              Lay my changes over theirs
            </Button>
          </>
        )
      }
    >
      {query.isError && <p role="alert" className="text-danger">{query.error.title}</p>}
      {theirs === undefined ? (
        <p className="text-dim">Fetching what is there now…</p>
      ) : (
        <>
          <p>Version {theirs.version} is there now. It changed:</p>
          <DifferenceTable caption="What they changed" rows={differences(original, theirs.document)} before="When you began" after="Now" />
        </>
      )}
      {merged !== null && merged.conflicts.length > 0 && (
        <>
          <p className="text-warning">Both of you changed these. Laid over, yours would stand:</p>
          <DifferenceTable caption="Changed by both" rows={merged.conflicts} before="Theirs" after="Yours" />
        </>
      )}
    </Dialog>
  );
}
