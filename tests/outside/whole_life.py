"""A unit goes home through a client that was generated from the OpenAPI document alone.

Called with the service's address; the tokens by role come as a JSON object on standard input.
"""

import json
import sys
from datetime import date, datetime, timezone
from http import HTTPStatus

from homeward_client import AuthenticatedClient
from homeward_client.api.cases import open_case, show_case
from homeward_client.api.dock import judge_box
from homeward_client.api.papers import rma_instructions, rma_label
from homeward_client.api.register import show_unit
from homeward_client.api.rmas import command_rma, list_rmas, request_rma, rma_events, show_rma
from homeward_client.models import (
    Accept,
    AcceptCommand,
    Allocate,
    AllocateCommand,
    BoxArrival,
    CaseOpened,
    CaseRequest,
    Close,
    CloseCommand,
    Create,
    CreateCommand,
    Deliver,
    DeliverCommand,
    Issue,
    IssueCommand,
    OutcomeView,
    Problem,
    Reopen,
    ReopenCommand,
    RmaRequest,
    RmaView,
    Ship,
    ShipCommand,
)

BASE = sys.argv[1]
CLIENTS = {
    role: AuthenticatedClient(base_url=BASE, token=token, raise_on_unexpected_status=True)
    for role, token in json.load(sys.stdin).items()
}


def now() -> datetime:
    return datetime.now(timezone.utc)


def done(response, status, kind):
    """The typed answer of a call that must have gone well."""
    assert response.status_code == status, (response.status_code, response.content)
    assert isinstance(response.parsed, kind), response.parsed
    return response.parsed


def look(role: str, number: str) -> RmaView:
    return done(show_rma.sync_detailed(number, client=CLIENTS[role]), HTTPStatus.OK, RmaView)


def command(role: str, number: str, body, version: int | None = None) -> OutcomeView:
    more = {} if version is None else {"if_match": f'"{version}"'}
    response = command_rma.sync_detailed(number, client=CLIENTS[role], body=body, **more)
    outcome = done(response, HTTPStatus.OK, OutcomeView)
    assert response.headers["etag"] == f'"{outcome.version}"', response.headers
    return outcome


def judgement(role: str, number: str, body) -> OutcomeView:
    return command(role, number, body, look(role, number).version)


# A customer opens a case and requests an RMA on it, twice under one key with one effect.
ann = CLIENTS["customer"]
opened = done(
    open_case.sync_detailed(
        client=ann,
        body=CaseRequest(
            serial_number="SN001",
            priority=3,
            summary="no power after the upgrade",
            contact_name="Ann Example",
            contact_email="ann@northwind.example",
            customer_reference="PO-77",
        ),
    ),
    HTTPStatus.CREATED,
    CaseOpened,
)
wanted = RmaRequest(
    case_number=opened.number, serial_number="SN001", symptom="no power", occurred_at=now()
)
first, again = [
    request_rma.sync_detailed(client=ann, body=wanted, idempotency_key="one-key") for _ in range(2)
]
number = done(first, HTTPStatus.CREATED, OutcomeView).number
assert first.content == again.content, again.content
assert first.headers["location"] == f"/api/v1/rmas/{number}", first.headers

# What a role may not do comes back as a typed problem, and so does a judgement on nothing.
create = Create(command=CreateCommand.CREATE, occurred_at=now(), diagnosis="power supply dead")
refused = command_rma.sync_detailed(number, client=ann, body=create)
assert isinstance(refused.parsed, Problem), refused.parsed
assert (refused.parsed.status, refused.parsed.rule) == (403, "T2"), refused.parsed
refused = command_rma.sync_detailed(number, client=CLIENTS["engineer"], body=create)
assert isinstance(refused.parsed, Problem) and refused.parsed.status == 428, refused.parsed

judgement("engineer", number, create)
issued = judgement("logistics", number, Issue(command=IssueCommand.ISSUE, occurred_at=now()))
assert issued.tracks.authorisation == "issued", issued
spare = Allocate(command=AllocateCommand.ALLOCATE, occurred_at=now(), serial_number="ST001")
command("depot", number, spare)
shipped = Ship(
    command=ShipCommand.SHIP, occurred_at=now(), carrier="UPS", tracking_number="1Z999", source="depot"
)
command("depot", number, shipped)
signed = Deliver(command=DeliverCommand.DELIVER, occurred_at=now(), signed_by="Ann")
delivered = command("carrier", number, signed)
assert isinstance(delivered.due_on, date), delivered

for paper in (rma_label, rma_instructions):
    response = paper.sync_detailed(number, client=ann)
    assert response.status_code == HTTPStatus.OK, response
    assert response.headers["content-type"] == "application/pdf", response.headers
    assert response.content.startswith(b"%PDF-"), response.content[:20]

box = BoxArrival(site="CM-MX", marked=number, serial_number="SN001", occurred_at=now(), box="1Z998")
verdict = judge_box.sync(client=CLIENTS["dock"], body=box)
assert (verdict.verdict, verdict.rma) == ("receive", number), verdict
accepted = command("inspector", number, Accept(command=AcceptCommand.ACCEPT, occurred_at=now()))
# Every track is at its end, and that is what closes an RMA.
assert accepted.status == "Closed", accepted

# Opened again by mistake, it is closed by hand.
lead = "logistics_lead"
why = Reopen(command=ReopenCommand.REOPEN, occurred_at=now(), reason="wrong RMA")
assert judgement(lead, number, why).status == "Open"
close = Close(command=CloseCommand.CLOSE, occurred_at=now())
assert judgement(lead, number, close).status == "Closed"

seen = look("customer", number)
assert (seen.status, seen.case_number) == ("Closed", opened.number), seen
assert seen.tracks.to_dict() == {
    "authorisation": "issued",
    "outbound": "delivered",
    "inbound": "accepted",
    "repair": seen.tracks.repair,
    "analysis": "none",
    "exposure": "cleared",
}, seen.tracks
assert seen.replacement.serial_number == "ST001", seen.replacement
assert seen.due.rule == "RET-1" and seen.due.due_on == delivered.due_on, seen.due
assert (seen.charged_minor, seen.terms.list_price.amount_minor) == (0, 149000), seen.terms
events = rma_events.sync(number, client=ann).events
kinds = [event.kind for event in events]
assert kinds[:3] == ["requested", "created", "issued"] and kinds[-1] == "closed", kinds
assert [event.sequence for event in events] == list(range(1, seen.version + 1)), events
assert {event.actor for event in events if event.kind == "shipped"} == {"depot:depot"}, events
case = show_case.sync(opened.number, client=ann)
assert [rma.number for rma in case.rmas] == [number], case
page = list_rmas.sync(client=ann, q="PO-77")
assert [rma.number for rma in page.items] == [number], page
unit = show_unit.sync("ACME", "ST001", client=CLIENTS["engineer"])
assert unit.account == "Northwind", unit
print(f"{number} went home in {seen.version} events")
