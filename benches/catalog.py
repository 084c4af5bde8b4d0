#!/usr/bin/env python3
"""Writes a Commet project of any size, the same bytes for the same arguments.

    benches/catalog.py PLANS DIR [--features N] [--changed PERCENT | --changes N] [--url URL]

DIR gets pricebook.yaml and catalog/*.yaml. Every plan is 10 objects: itself, 2 prices, 5 plan
features and 2 regions. Plans stand in groups of 4 (one product line), 248 plans to a file.

--changed and --changes write the same catalog with one object changed in that share, or number, of
the plans: in turn a monthly amount, an included amount and a description.

`--env local` starts the embedded server, `--env http` talks to --url, where `pricebook sandbox`
serves; `pricebook plan --env http --url ...` takes any other address.
"""

import argparse
import pathlib

OBJECTS_IN_A_PLAN = 10
PLANS_IN_A_GROUP = 4
PLANS_IN_A_FILE = 248  # whole groups
MIN_FEATURES = 20

# code, name, type, unit, description
FEATURES = [
    ("members", "Team members", "seats", "seat", "People who sign in and can change things"),
    ("guests", "Guests", "seats", "seat", "People who can look and comment"),
    ("agents", "Agents", "seats", "seat", "People who answer customers"),
    ("api_calls", "API calls", "usage", "call", "Requests that our servers answer"),
    ("storage", "Storage", "usage", "GB", "What is kept at the end of a day"),
    ("messages", "Messages", "usage", "message", "Chat and SMS, both ways"),
    ("emails", "Emails", "usage", "email", "Sent to customers, whether they open them or not"),
    ("exports", "Exports", "usage", "export", "Files that leave for a warehouse"),
    ("documents", "Documents", "usage", "document", "Read and understood by our models"),
    ("minutes", "Call minutes", "usage", "minute", "Rounded up to whole minutes"),
    ("ai_requests", "AI requests", "usage", "request", "Answers, summaries and drafts"),
    ("projects", "Projects", "quota", "project", "Open at the same time; archived ones are free"),
    ("workspaces", "Workspaces", "quota", "workspace", "With members and rights of their own"),
    ("integrations", "Integrations", "quota", "integration", "Connected services"),
    ("environments", "Environments", "quota", "environment", "Such as staging and production"),
    ("sso", "Single sign-on", "boolean", None, "SAML and OpenID Connect"),
    ("audit_log", "Audit log", "boolean", None, "Who did what and when, for one year"),
    ("priority_support", "Priority support", "boolean", None, "An answer within four hours"),
    ("custom_domain", "Custom domain", "boolean", None, "With a certificate that renews itself"),
    ("data_residency", "Data residency", "boolean", None, "Data stay in the region that you choose"),
]
assert len(FEATURES) == MIN_FEATURES
SEATS, USAGE, QUOTAS, FLAGS = ([f[0] for f in FEATURES if f[2] == t] for t in ("seats", "usage", "quota", "boolean"))

PRODUCTS = [
    "Help desk", "Invoicing", "Scheduling", "Analytics", "Live chat", "Surveys", "Payroll", "Inventory",
    "Booking", "Contracts", "Forms", "Ticketing", "Campaigns", "Time tracking", "Expenses", "Field service",
    "Status pages", "Knowledge base", "Monitoring", "Recruiting", "Onboarding", "Fleet", "Point of sale", "Loyalty",
    "Translation",
]
TRADES = [
    "agencies", "clinics", "schools", "hotels", "law firms", "retailers", "builders", "charities",
    "restaurants", "banks", "insurers", "airlines", "studios", "publishers", "farms", "museums",
    "pharmacies", "garages", "brokers", "laboratories",
]

# code, name, monthly US dollars, what it includes of each feature, times the smallest plan, text
TIERS = [
    ("starter", "Starter", 19, 1, "For a first project: everything that one small team needs to begin, and nothing to set up"),
    ("team", "Team", 49, 5, "For growing teams: shared inboxes, roles, and reports that are sent every Monday"),
    ("business", "Business", 99, 25, "For companies with several teams: approvals, rights in detail, and a yearly review with us"),
    ("scale", "Scale", 249, 125, "For companies with a security team: single tenancy on request, and a person who knows your account"),
]

# What the smallest plan includes, and the price of one more unit in it, in ten-thousandths of a dollar.
SEAT_INCLUDED, SEAT_OVERAGE = 2, 12_0000
USAGE_INCLUDED, USAGE_OVERAGE = 1000, 80
QUOTA_INCLUDED = 3

# currency, rate in hundredths. Not pounds: the API has none.
CURRENCIES = [("eur", 92), ("cad", 136)]

PROJECT = """\
catalog: catalog/
environments:
  local: {{ provider: commet, url: "sandbox:.pricebook/local", api_version: 2026-07-11 }}
  http:  {{ provider: commet, url: "{url}", api_version: 2026-07-11, api_key: {{ env: COMMET_SANDBOX_KEY }}, mode: sandbox }}
guards: {{ max_price_increase: 25%, max_price_decrease: 50% }}
"""


def groups_of(plans):
    return -(-plans // PLANS_IN_A_GROUP)


def objects(plans, features=MIN_FEATURES):
    """How many objects Pricebook manages in such a catalog."""
    return plans * OBJECTS_IN_A_PLAN + groups_of(plans) + features


def fit(total):
    """Plans and features that make exactly `total` objects: as many plans as fit, the rest features."""
    plans = 0
    while objects(plans + 1) <= total:
        plans += 1
    if plans == 0:
        raise ValueError(f"a catalog has at least {objects(1)} objects")
    return plans, MIN_FEATURES + total - objects(plans)


def changed_plans(plans, count):
    """Which plans change, evenly spread, and what changes in each of them."""
    kinds = ("monthly", "included", "description")
    return {i * plans // count: kinds[i % 3] for i in range(count)}


def line_of(group):
    """Code and name of a product line. Both are unique, however many there are."""
    product = PRODUCTS[group % len(PRODUCTS)]
    trade = TRADES[group // len(PRODUCTS) % len(TRADES)]
    edition = group // (len(PRODUCTS) * len(TRADES)) + 1
    name = f"{product} for {trade}" + (f", edition {edition}" if edition > 1 else "")
    return f"{product} {trade} {edition}".lower().replace(" ", "_"), name


def feature_lines(features):
    for code, name, kind, unit, description in FEATURES:
        unit = f", unit_name: {unit}" if unit else ""
        yield f'  {code}: {{ name: {name}, type: {kind}, description: "{description}"{unit} }}'
    for n in range(MIN_FEATURES + 1, features + 1):
        yield f'  connector_{n}: {{ name: Connector {n}, type: boolean, description: "One more service, kept in step both ways" }}'


def plan_lines(index, features, change):
    group, tier = divmod(index, PLANS_IN_A_GROUP)
    line, line_name = line_of(group)
    code, name, dollars, times, text = TIERS[tier]
    dollars += dollars * (group % 5) // 5
    yearly = dollars * 10
    description = f"{text}. {line_name}, with updates every month and help on working days."
    seat, quota = SEATS[group % len(SEATS)], QUOTAS[group % len(QUOTAS)]
    usage = [USAGE[group % len(USAGE)], USAGE[(group + 3) % len(USAGE)]]
    flags = FLAGS + [f"connector_{n}" for n in range(MIN_FEATURES + 1, features + 1)]
    included = [USAGE_INCLUDED * times, USAGE_INCLUDED * times // 10]
    monthly = dollars
    if change == "monthly":
        monthly += 2
    elif change == "included":
        included[0] += included[0] // 2
    elif change == "description":
        description += " Now with a tour for newcomers."
    seat_overage = SEAT_OVERAGE // 10_000 - tier
    yield f"  {line}_{code}:"
    yield f"    name: {line_name} {name}"
    yield f'    description: "{description}"'
    yield "    consumption_model: metered"
    yield f"    metadata: {{ tier: {tier + 1}, line: {line} }}"
    yield "    default_price: monthly"
    yield "    prices:"
    yield f"      monthly: {monthly}.00"
    yield f"      yearly:  {{ amount: {yearly}.00, trial_days: 14 }}"
    yield "    features:"
    yield f"      {seat}: {{ included_amount: {SEAT_INCLUDED * times}, overage: {seat_overage}.00 }}"
    for each, amount, factor in zip(usage, included, (1, 5)):
        overage = (USAGE_OVERAGE - 10 * tier) * factor
        yield f"      {each}: {{ included_amount: {amount}, overage: 0.{overage:04} }}"
    yield f"      {quota}: {{ included_amount: {QUOTA_INCLUDED * times} }}"
    yield f"      {flags[group % len(flags)]}: true"
    yield "    regions:"
    for currency, rate in CURRENCIES:
        local, seat_local = dollars * rate // 100, seat_overage * rate // 100
        yield f"      {currency}:"
        yield f"        exchange_rate: {rate // 100}.{rate % 100:02}"
        yield f"        prices: {{ monthly: {local}.00, yearly: {local * 10}.00 }}"
        yield f"        features: {{ {seat}: {{ overage: {seat_local}.00 }} }}"


def group_lines(group, plans):
    code, name = line_of(group)
    first = group * PLANS_IN_A_GROUP
    members = [f"{code}_{TIERS[i - first][0]}" for i in range(first, min(first + PLANS_IN_A_GROUP, plans))]
    yield f"  {code}:"
    yield f"    name: {name}"
    yield f"    plans: [{', '.join(members)}]"


def write(folder, plans, features=MIN_FEATURES, changes=0, url="http://127.0.0.1:8787/api/v1"):
    """Writes the project into `folder`, over what an earlier call wrote there."""
    folder = pathlib.Path(folder)
    catalog = folder / "catalog"
    catalog.mkdir(parents=True, exist_ok=True)
    for old in catalog.glob("*.yaml"):
        old.unlink()
    (folder / "pricebook.yaml").write_text(PROJECT.format(url=url))
    head = ["provider: commet", "price_changes: grandfather", "", "features:"]
    (catalog / "features.yaml").write_text("\n".join([*head, *feature_lines(features), ""]))
    changed = changed_plans(plans, changes) if changes else {}
    for first in range(0, plans, PLANS_IN_A_FILE):
        last = min(first + PLANS_IN_A_FILE, plans)
        lines = ["provider: commet", "", "groups:"]
        for group in range(first // PLANS_IN_A_GROUP, groups_of(last)):
            lines += group_lines(group, plans)
        lines += ["", "plans:"]
        for index in range(first, last):
            lines += plan_lines(index, features, changed.get(index))
        number = first // PLANS_IN_A_FILE + 1
        (catalog / f"plans-{number:03}.yaml").write_text("\n".join([*lines, ""]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plans", type=int, metavar="PLANS")
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--features", type=int, default=MIN_FEATURES, help="at least and by default %(default)s")
    parser.add_argument("--url", default="http://127.0.0.1:8787/api/v1", help="of the environment http")
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument("--changed", type=float, metavar="PERCENT", help="of the plans, at least one plan")
    how_many.add_argument("--changes", type=int, default=0, metavar="N", help="of the plans")
    args = parser.parse_args()
    changes = args.changes
    if args.changed:
        changes = max(1, round(args.plans * args.changed / 100))
    if args.plans < 1 or args.features < MIN_FEATURES or not 0 <= changes <= args.plans:
        parser.error(f"at least 1 plan and {MIN_FEATURES} features, and no more changes than plans")
    write(args.folder, args.plans, args.features, changes, args.url)
    print(f"{objects(args.plans, args.features)} objects, {changes} of them changed")


if __name__ == "__main__":
    main()
