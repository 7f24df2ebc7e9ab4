import { useState } from "react";
import type { AccountNow, Me, Overview } from "../api/overview";
import { Button } from "../ui/Button";
import { Chip } from "../ui/Chip";
import { chooseAccount, useChosenAccount } from "./account";
import { Gauges } from "./Gauges";
import { ModeChip } from "./ModeChip";
import { Preferences } from "./Preferences";
import { StopDialog } from "./StopDialog";
import { SwitchButton } from "./SwitchButton";

interface TopBarProps {
  me: Me;
  /** undefined while it was never answered. */
  overview: Overview | undefined;
}

/** What a trader must never look for: mode, money, risk, health, and the brakes. */
export function TopBar({ me, overview }: TopBarProps) {
  const account = useChosenAccount(overview?.accounts ?? []);
  const told = useChosenAccount(me.accounts);
  const [stopping, setStopping] = useState(false);
  return (
    <header className="flex flex-wrap items-stretch border-b border-line bg-panel lg:h-11 lg:flex-nowrap">
      <button
        type="button"
        className="sr-only focus:not-sr-only focus:absolute focus:z-70 focus:border focus:bg-panel focus:p-2"
        onClick={() => document.getElementById("content")?.focus()}
      >
        Skip to the page
      </button>
      <div className="flex h-11 min-w-0 flex-1 items-center gap-2 px-3 lg:flex-none">
        <span className="font-semibold tracking-tight max-sm:hidden">Undertow</span>
        {told !== undefined && <ModeChip mode={told.mode} />}
        <AccountChoice accounts={me.accounts} chosen={told?.account} />
        {account !== undefined && account.switch.state !== "running" && (
          <Chip tone="warning" title={account.switch.reason}>
            {account.switch.state.replaceAll("_", " ").toUpperCase()}
          </Chip>
        )}
      </div>
      <div className="order-3 h-10 w-full min-w-0 overflow-x-auto border-t border-line lg:order-none lg:h-auto lg:w-auto lg:flex-1 lg:border-t-0 lg:border-l" tabIndex={0} role="region" aria-label="Figures of the account">
        {account !== undefined && overview !== undefined && <Gauges account={account} overview={overview} />}
      </div>
      <div className="flex h-11 shrink-0 items-center gap-1.5 px-3">
        {account !== undefined && overview !== undefined && (
          <>
            <SwitchButton account={account} scopes={me.scopes} />
            <Button tone="danger" disabled={!me.scopes.includes("pause") && !me.scopes.includes("write")} onClick={() => setStopping(true)}>
              <span aria-hidden>■</span>
              <span>
                <span className="max-sm:sr-only">Emergency </span>stop
              </span>
            </Button>
            <StopDialog account={account} overview={overview} scopes={me.scopes} open={stopping} onOpenChange={setStopping} />
          </>
        )}
        <Preferences me={me} />
      </div>
    </header>
  );
}

function AccountChoice({ accounts, chosen }: { accounts: readonly { account: string; mode: AccountNow["mode"] }[]; chosen: string | undefined }) {
  if (accounts.length < 2) return <span className="truncate text-dim">{chosen}</span>;
  return (
    <select
      aria-label="Account"
      value={chosen}
      onChange={(event) => chooseAccount(event.target.value)}
      className="h-7 min-w-0 rounded border border-line-strong bg-panel px-1"
    >
      {accounts.map((one) => (
        <option key={one.account} value={one.account}>
          {one.account} ({one.mode})
        </option>
      ))}
    </select>
  );
}
