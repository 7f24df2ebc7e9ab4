import { lazy, Suspense } from "react";
import { useApi } from "../../api/queries";
import { signOut } from "../../api/session";
import { linkTo, useRoute } from "../../app/route";
import { Button, buttonLook } from "../../ui/Button";
import { cardState } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { AccountsCard, PERIOD_MS } from "./AccountsCard";
import { AppearanceCard } from "./AppearanceCard";
import { RoutesCard } from "./RoutesCard";
import { TokensCard } from "./TokensCard";
import { UnitsCard } from "./UnitsCard";
import type { Me, Setup } from "./types";
import { useOutcome, useTrial } from "./useTrial";

const GlobalsPage = lazy(() => import("./globals"));
/** Where the form of the account-wide settings is: `#/settings/account-wide`. */
const GLOBALS = "account-wide";

export default function SettingsPage() {
  const { parts } = useRoute();
  const me = useApi<Me>("me", {}, { staleMs: 5 * PERIOD_MS }).data?.data;
  if (parts[0] !== GLOBALS) return <Overview me={me} />;
  return (
    <Suspense fallback={<p className="p-4 text-faint">Opening the account-wide settings…</p>}>
      <GlobalsPage me={me} />
    </Suspense>
  );
}

function Overview({ me }: { me: Me | undefined }) {
  const trial = useTrial();
  const query = useApi<Setup>("settings", {}, { everyMs: trial.waiting ? trial.everyMs : PERIOD_MS });
  const found = query.data?.data;
  const state = cardState(query);
  useOutcome(trial, found);
  return (
    <>
      <PageTitle beside={<Person me={me} />}>Settings</PageTitle>
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <div className="grid min-w-0 gap-3">
          <AccountsCard found={found} state={state} />
          <TokensCard found={found} me={me} state={state} />
          <RoutesCard found={found} state={state} trial={trial} mayTest={me?.scopes.includes("write") ?? false} />
        </div>
        <div className="grid min-w-0 gap-3">
          <AppearanceCard />
          <UnitsCard />
        </div>
      </div>
    </>
  );
}

function Person({ me }: { me: Me | undefined }) {
  return (
    <span className="flex flex-wrap items-center gap-3">
      <a href={linkTo("settings", [GLOBALS])} className={buttonLook("plain", true)}>
        Account-wide settings
      </a>
      {me !== undefined && (
        <span className="label">
          {me.principal} may {me.scopes.join(", ")}
          {me.stage !== "" && `; stage ${me.stage}`}; version <span className="figure">{me.version}</span>
        </span>
      )}
      <Button small onClick={() => signOut()}>
        Sign out
      </Button>
    </span>
  );
}
