import { useApi } from "../../api/queries";
import { signOut } from "../../api/session";
import { Button } from "../../ui/Button";
import { cardState } from "../../ui/Card";
import { PageTitle } from "../../ui/PageTitle";
import { AccountsCard, PERIOD_MS } from "./AccountsCard";
import { AppearanceCard } from "./AppearanceCard";
import { RoutesCard } from "./RoutesCard";
import { TokensCard } from "./TokensCard";
import { UnitsCard } from "./UnitsCard";
import type { Me, Setup } from "./types";

export default function SettingsPage() {
  const query = useApi<Setup>("settings", {}, { everyMs: PERIOD_MS });
  const me = useApi<Me>("me", {}, { staleMs: 5 * PERIOD_MS }).data?.data;
  const found = query.data?.data;
  const state = cardState(query);
  return (
    <>
      <PageTitle beside={<Person me={me} />}>Settings</PageTitle>
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <div className="grid min-w-0 gap-3">
          <AccountsCard found={found} state={state} />
          <TokensCard found={found} me={me} state={state} />
          <RoutesCard found={found} state={state} />
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
