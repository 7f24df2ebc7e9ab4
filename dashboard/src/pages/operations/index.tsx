import { PageTitle } from "../../ui/PageTitle";

export default function OperationsPage() {
  return <PageTitle>Operations</PageTitle>;
}
