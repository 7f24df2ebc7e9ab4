import { PageTitle } from "../../ui/PageTitle";

export default function HistoryPage() {
  return <PageTitle>History</PageTitle>;
}
