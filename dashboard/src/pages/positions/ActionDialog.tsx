import type { ReactNode } from "react";
import { leftUndone, type Problem } from "../../api/problem";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { dollars } from "../../words/figures";
import { BreakEvenForm, CloseForm, LayersForm, StopForm } from "./forms";
import { RequestProgress } from "./RequestState";
import { useAsking, type ActionName } from "./requests";
import type { Position } from "./types";
import { modeName, quantity } from "./words";

const TITLE: Readonly<Record<ActionName, string>> = {
  close: "Close a part or all",
  stop: "Move the stop",
  "break-even": "Stop to break-even",
  layers: "Layers of the ladder",
};

interface ActionDialogProps {
  action: ActionName;
  /** The position as it was when the dialog was opened: it is what the request names. */
  seen: Position;
  /** What is open on that side now, if anything is. */
  current: Position | undefined;
  onClose: () => void;
}

/** One action on one position: says account, mode and dollars, sends it once, and follows it to its end. */
export function ActionDialog({ action, seen, current, onClose }: ActionDialogProps) {
  const asking = useAsking(seen);
  const gone = current?.id !== seen.id;
  const position = current !== undefined && !gone ? current : seen;
  const form = { position, sending: asking.sending || gone, send: (wish: Readonly<Record<string, unknown>>) => asking.send(action, wish) };
  const grows = asking.problem?.code === "confirmation_needed" ? asking.problem : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`${TITLE[action]}: ${seen.symbol} ${seen.side}`}
      description={<Concerned position={position} />}
    >
      {gone && asking.request === null && <Warning>The position you saw is closed{current === undefined ? "" : "; another one is open there now"}. Go back and look again.</Warning>}
      {asking.request !== null ? (
        <>
          <RequestProgress request={asking.request} />
          {asking.request.state !== "asked" && !gone && (
            <div className="flex justify-end">
              <Button small onClick={asking.again}>
                Ask for something else
              </Button>
            </div>
          )}
        </>
      ) : (
        <>
          {action === "close" && <CloseForm {...form} />}
          {action === "stop" && <StopForm {...form} grows={grows} />}
          {action === "break-even" && <BreakEvenForm {...form} />}
          {action === "layers" && <LayersForm {...form} />}
          {asking.problem !== null && grows === null && <ProblemText problem={asking.problem} />}
        </>
      )}
    </Dialog>
  );
}

function Concerned({ position }: { position: Position }) {
  return (
    <p>
      Account <strong className="text-text">{position.account}</strong>, <strong className="text-text">{modeName(position.mode)}</strong>: {position.side.toLowerCase()}{" "}
      <span className="figure text-text">{quantity(position.quantity)}</span> {position.symbol}, entered for <span className="figure text-text">{dollars(position.notional)}</span>.
      {position.mode === "live" && " This is real money."}
    </p>
  );
}

export function Warning({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="rounded border border-warning bg-warning-soft p-2 text-warning">
      {children}
    </p>
  );
}

function ProblemText({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="rounded border border-danger bg-danger-soft p-2">
      <p className="font-medium text-danger">{problem.title}</p>
      <p>{problem.detail}</p>
      <p className="label">
        code <span className="figure">{problem.code}</span>. {leftUndone(problem, "Nothing was sent.")}
      </p>
    </div>
  );
}
