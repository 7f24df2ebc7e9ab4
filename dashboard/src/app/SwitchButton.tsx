import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { AccountNow } from "../api/overview";
import { leftUndone } from "../api/problem";
import { useAction } from "../api/queries";
import { announce } from "../ui/announce";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Moment } from "../ui/Moment";
import { modeWord } from "./ModeChip";

/** Pausing is cheap and safe: one press. Resuming lets money move again: it names what it does, and what it has seen. */
export function SwitchButton({ account, scopes }: { account: AccountNow; scopes: readonly string[] }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const done = () => void client.invalidateQueries();
  const pause = useAction<unknown>(() => {
    announce("info", `${account.account} is paused`, "Nothing new is opened. Stops and targets go on.");
    done();
  });

  if (account.switch.state === "running") {
    return (
      <Button
        disabled={!scopes.includes("pause") || pause.isPending}
        title={scopes.includes("pause") ? "Stop new entries; stops and targets go on" : "This token may not pause"}
        onClick={() =>
          pause.mutate(
            { path: "pause", body: { account: account.account } },
            { onError: (problem) => announce("critical", leftUndone(problem, "The account is not paused."), problem.message) },
          )
        }
      >
        <span aria-hidden>❚❚</span> {pause.isPending ? "Pausing…" : "Pause"}
      </Button>
    );
  }
  return (
    <>
      <Button disabled={!scopes.includes("write")} title={scopes.includes("write") ? undefined : "Resuming needs the scope write"} onClick={() => setAsking(true)}>
        <span aria-hidden>▶</span> Resume
      </Button>
      <ResumeDialog account={account} open={asking} onOpenChange={setAsking} onDone={done} />
    </>
  );
}

const STATE: Readonly<Record<AccountNow["switch"]["state"], string>> = {
  running: "runs",
  paused: "is paused",
  close_only: "only closes",
  flatten: "closes everything",
};

interface ResumeDialogProps {
  account: AccountNow;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDone: () => void;
}

function ResumeDialog({ account, open, onOpenChange, onDone }: ResumeDialogProps) {
  const resume = useAction<unknown>(() => {
    announce("good", `${account.account} trades again`);
    onDone();
    onOpenChange(false);
  });
  const { state, since_ms: sinceMs, by, reason } = account.switch;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (next) resume.reset();
        onOpenChange(next);
      }}
      title={`Resume ${account.account} (${modeWord(account.mode)})?`}
      description={
        <p>
          It {STATE[state]}
          {sinceMs > 0 && (
            <>
              {" "}
              since <Moment ms={sinceMs} /> UTC{by === "" ? "" : `, by ${by}`}
            </>
          )}
          {reason === "" ? "" : `: ${reason}`}. After this, strategies may open positions again.
        </p>
      }
      actions={
        <Button
          tone="primary"
          disabled={resume.isPending}
          onClick={() => resume.mutate({ path: "resume", body: { account: account.account, version: account.switch.version } })}
        >
          {resume.isPending ? "Sending…" : `Resume ${account.account}`}
        </Button>
      }
    >
      {resume.isError && (
        <p role="alert" className="text-danger">
          {leftUndone(resume.error, "It is as it was.")} {resume.error.message}
        </p>
      )}
    </Dialog>
  );
}
