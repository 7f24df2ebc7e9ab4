import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { AccountNow, Overview } from "../api/overview";
import { leftUndone } from "../api/problem";
import { useAction } from "../api/queries";
import { announce } from "../ui/announce";
import { Dialog } from "../ui/Dialog";
import { HoldButton } from "../ui/HoldButton";
import { dollars, signedDollars } from "../words/figures";
import { atStake } from "./atStake";
import { modeWord } from "./ModeChip";

type Choice = "pause" | "close-only" | "flatten";

const CHOICES: readonly { value: Choice; title: string; means: string; scope: string }[] = [
  { value: "pause", title: "Stop entries", means: "Nothing new is opened. Positions, stops and targets go on.", scope: "pause" },
  { value: "close-only", title: "Close only", means: "Nothing new is opened, and entries and layers under way are cancelled. Stops and targets go on.", scope: "write" },
  { value: "flatten", title: "Flatten", means: "Cancels entries and closes every position at market, with slippage and fees.", scope: "write" },
];

interface StopDialogProps {
  account: AccountNow;
  overview: Overview;
  scopes: readonly string[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The emergency stop of one account: three strengths, held for two seconds, with what it means in dollars. */
export function StopDialog({ account, overview, scopes, open, onOpenChange }: StopDialogProps) {
  const [choice, setChoice] = useState<Choice>("flatten");
  const client = useQueryClient();
  const action = useAction<unknown>(() => {
    announce("warning", `${account.account}: ${titleOf(choice)} is ordered`, choice === "flatten" ? "Positions are closed within a minute; watch them go." : "");
    void client.invalidateQueries();
    onOpenChange(false);
  });
  const held = overview.positions.filter((position) => position.account === account.account);
  const { notional, pnl } = atStake(held);
  const allowed = scopes.includes(CHOICES.find((one) => one.value === choice)?.scope ?? "write");

  const stop = () => {
    const body = choice === "flatten" ? { account: account.account, confirm: account.account } : { account: account.account };
    action.mutate({ path: choice, body: { ...body, reason: `emergency stop on the page: ${titleOf(choice)}` } });
  };

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (next) action.reset();
        onOpenChange(next);
      }}
      title="Emergency stop"
      description={
        <p>
          Account <strong className="text-text">{account.account}</strong> ({modeWord(account.mode)}): {held.length}{" "}
          {held.length === 1 ? "position" : "positions"} worth <strong className="figure text-text">{dollars(notional)}</strong>
          {held.length > 0 && (
            <>
              , open result <strong className="figure text-text">{pnl === null ? "not known" : signedDollars(pnl)}</strong>
            </>
          )}
          .
        </p>
      }
      actions={
        <HoldButton onHeld={stop} disabled={!allowed || action.isPending}>
          {action.isPending ? "Sending…" : `Hold 2 s: ${holdWords(choice, account, held.length, notional)}`}
        </HoldButton>
      }
    >
      <Choices choice={choice} onChoose={setChoice} scopes={scopes} />
      {!allowed && <p className="text-warning">This token may not do that. Stopping entries needs the scope pause, the rest write.</p>}
      {action.isError && (
        <p role="alert" className="text-danger">
          {leftUndone(action.error, "Nothing was done.")} {action.error.message}
        </p>
      )}
    </Dialog>
  );
}

function Choices({ choice, onChoose, scopes }: { choice: Choice; onChoose: (choice: Choice) => void; scopes: readonly string[] }) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">How much to stop</legend>
      {CHOICES.map((one) => (
        <label
          key={one.value}
          htmlFor={`stop-${one.value}`}
          className="flex items-start gap-3 rounded border border-line px-3 py-2 hover:bg-hover has-checked:border-line-strong has-checked:bg-raised"
        >
          <input
            id={`stop-${one.value}`}
            type="radio"
            name="stop"
            checked={choice === one.value}
            disabled={!scopes.includes(one.scope)}
            onChange={() => onChoose(one.value)}
            className="mt-0.5 accent-danger-solid"
          />
          <span>
            <span className="block font-medium">{one.title}</span>
            <span className="block text-dim">{one.means}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function titleOf(choice: Choice): string {
  return CHOICES.find((one) => one.value === choice)?.title.toLowerCase() ?? choice;
}

function holdWords(choice: Choice, account: AccountNow, positions: number, notional: string | null): string {
  const where = `${account.account} (${modeWord(account.mode)})`;
  if (choice !== "flatten") return `${titleOf(choice)} on ${where}`;
  return `close ${positions} of ${where}, ${dollars(notional, 0)}`;
}
