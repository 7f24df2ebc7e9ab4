import { useState, type ReactNode } from "react";
import type { Action } from "../api/queries";
import { Button } from "../ui/Button";
import { ApplyBar } from "./ApplyBar";
import { ApplyDialog } from "./ApplyDialog";
import { MovedDialog } from "./MovedDialog";
import type { Changed, JsonObject } from "./types";
import type { Verdict } from "./useChecked";
import type { Work } from "./useWork";

interface ApplyingProps<Draft> {
  work: Work<Draft>;
  verdict: Verdict;
  /** What it is a draft of, in words, and where that is asked for. */
  name: string;
  path: string;
  /** Of the last look before it comes into force. */
  title: string;
  description: ReactNode;
  request: (confirmed: boolean) => Action;
  onApplied: (changed: Changed) => void;
}

/** A draft's way into force: what is wrong with it, what it changes, and what to do when somebody else was faster. */
export function Applying<Draft>({ work, verdict, name, path, title, description, request, onApplied }: ApplyingProps<Draft>) {
  const { ground, document, changes, restart } = work;
  const [dialog, setDialog] = useState<"none" | "apply" | "moved">("none");
  const applied = (changed: Changed) => {
    restart(changed.document, { document: changed.document, version: changed.version });
    setDialog("none");
    onApplied(changed);
  };
  const chosen = (fresh: JsonObject, version: number, from: JsonObject) => {
    restart(fresh, { document: from, version });
    setDialog("none");
  };
  return (
    <div className="sticky bottom-0 z-10 border-t border-line-strong bg-panel xl:col-span-2">
      {work.overtaken && (
        <p role="alert" className="flex flex-wrap items-center gap-2 bg-warning-soft px-3 py-2">
          <span className="text-warning">Somebody stored a newer version while you were at it.</span>
          <Button small onClick={() => setDialog("moved")}>
            Look at what changed
          </Button>
        </p>
      )}
      <ApplyBar
        changes={changes}
        wrong={verdict.flaws.length}
        fresh={ground.version === 0}
        checking={!verdict.settled}
        failed={verdict.failed}
        onDrop={() => restart(ground.document, ground)}
        onReview={() => setDialog("apply")}
        ready={verdict.settled && verdict.valid && changes > 0}
      />
      {dialog === "apply" && (
        <ApplyDialog
          title={title}
          description={description}
          version={ground.version}
          stored={ground.version === 0 ? null : ground.document}
          draft={document}
          request={request}
          warnings={verdict.warnings}
          onClose={() => setDialog("none")}
          onApplied={applied}
          onMoved={() => setDialog("moved")}
        />
      )}
      {dialog === "moved" && <MovedDialog name={name} path={path} original={ground.document} mine={document} onClose={() => setDialog("none")} onChosen={chosen} />}
    </div>
  );
}
