import { PageTitle } from "../../ui/PageTitle";

export default function DecisionsPage() {
  return <PageTitle>Decisions</PageTitle>;
}
