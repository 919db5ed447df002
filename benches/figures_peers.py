"""The same aggregation as dondoc's, by polars or DuckDB: per unit the sums of the counts, and of the two columns about
services the number of distinct services. Prints the province's totals, so that the peers can be compared.

usage: figures_peers.py polars|duckdb FILE
"""

import sys

COUNTS = ["received", "received_online", "results_due", "results_electronic", "fee_transactions", "paid_on_portal",
          "paid_cashless_other"]
SERVICES = ["services_online", "services_online_with_dossiers"]


def polars(path):
    import polars as pl
    rows = pl.scan_csv(path)
    counts = rows.group_by("unit_code").agg(pl.col(COUNTS).sum())
    services = rows.group_by("unit_code", "service_code").agg(pl.col(SERVICES).max())
    services = services.group_by("unit_code").agg(pl.col(SERVICES).sum())
    counts, services = pl.collect_all([counts, services], engine="streaming")
    units = counts.join(services, on="unit_code")
    return [int(units[name].sum()) for name in COUNTS + SERVICES]


def duckdb(path):
    import duckdb as engine
    sums = ", ".join(f"sum({name}) AS {name}" for name in COUNTS)
    flags = ", ".join(f"max({name}) AS {name}" for name in SERVICES)
    both = ", ".join(f"sum({name}) AS {name}" for name in COUNTS + SERVICES)
    query = f"""
        WITH service AS (SELECT unit_code, service_code, {sums}, {flags} FROM read_csv('{path}') GROUP BY ALL),
             unit AS (SELECT unit_code, {both} FROM service GROUP BY unit_code)
        SELECT {both} FROM unit"""
    connection = engine.connect(config={"threads": 2})
    return [int(total) for total in connection.sql(query).fetchall()[0]]


if __name__ == "__main__":
    print(*{"polars": polars, "duckdb": duckdb}[sys.argv[1]](sys.argv[2]))
