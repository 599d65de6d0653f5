"""Engines: what answers the questions about the facts, in this process or on a cluster that is there already.

| to                                  | call                                       | where             |
|-------------------------------------|--------------------------------------------|-------------------|
| know what an engine must do         | ``Engine``, ``Session``                    | port              |
| answer in this process              | ``DuckdbEngine(spill=folder)``             | duckdb            |
| answer where a setting says         | ``engine_at(analysis_url)``                | address           |
| say a question in another dialect   | ``Dialect.translate(query, tables, …)``    | translation       |
| … with what a dialect spells its own way | ``CLICKHOUSE``, ``SPARK``, ``TRINO``  | dialects/         |

Questions are written once, in DuckDB's SQL and the few words of ``words``. Whatever engine is asked, only sums, counts
and the order statistics of units come back.
"""
