import { Button } from "../ui/Button";

interface ApplyBarProps {
  changes: number;
  wrong: number;
  fresh: boolean;
  checking: boolean;
  failed: string | null;
  ready: boolean;
  onDrop: () => void;
  onReview: () => void;
}

/** How a draft stands, and the way to the last look at it. */
export function ApplyBar({ changes, wrong, fresh, checking, failed, ready, onDrop, onReview }: ApplyBarProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-3 py-2">
      <p role="status" className={wrong > 0 || failed !== null ? "text-danger" : "text-dim"}>
        {failed !== null ? `Not checked: ${failed}.` : wrong > 0 ? `✕ ${wrong} to mend before it can be applied.` : checking ? "Checking…" : told(changes, fresh)}
      </p>
      <div className="ml-auto flex gap-2">
        <Button disabled={changes === 0 || fresh} onClick={onDrop}>
          Drop my changes
        </Button>
        <Button tone="primary" disabled={!ready} onClick={onReview}>
          Review {fresh ? "and create" : "and apply"}
        </Button>
      </div>
    </div>
  );
}

function told(changes: number, fresh: boolean): string {
  if (fresh) return "The draft is admissible. It is stored nowhere yet.";
  return changes === 0 ? "Nothing is changed." : `${changes} ${changes === 1 ? "setting differs" : "settings differ"} from what is stored.`;
}
