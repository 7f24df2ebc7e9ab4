import { PageTitle } from "../../ui/PageTitle";

export default function OverviewPage() {
  return <PageTitle>Overview</PageTitle>;
}
