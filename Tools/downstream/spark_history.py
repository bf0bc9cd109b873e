#!/usr/bin/env python3
"""The history of ledgers in Apache Spark: for when one machine is not enough. Users are numbers.

    cohort export changes changes --identifiers none
    spark-submit --py-files facts.py,filters.py spark_history.py prepare changes table --workspace shop
    spark-submit …                              spark_history.py members table shop hightouch/vip --as-of 5000
    spark-submit …                              spark_history.py sizes table shop hightouch/vip --every 86400
    spark-submit …                              spark_history.py segment table shop '{"and":[…]}' --as-of 5000

`python3` instead of `spark-submit` runs on this machine. `prepare` writes Parquet files, partitioned
by workspace, then by cohort: a question about a cohort reads the files of that cohort only. Every
question is one pass with sums, which each machine makes for its own files before anything is sent:
nothing is sorted, and no user is sent twice.

    table/changes/workspace=shop/cohort=hightouch%2Fvip/part-….parquet    position, time_us, kind, sign, user
    table/people/workspace=shop/part-….parquet
    table/exports/workspace=shop/                                         the manifest it was made of
"""

import argparse
import json
import operator

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f

import filters

CHANGES = ("position BIGINT, time_us BIGINT, partner STRING, cohort_id STRING, kind STRING,"
           " direction STRING, user BIGINT")
PEOPLE = "position BIGINT, time_us BIGINT, kind STRING, user BIGINT"
PEOPLE_CSV = "position BIGINT, time_us BIGINT, kind STRING, user BIGINT, into BIGINT"


def session():
    return (SparkSession.builder.appName("cohort-history")
            # Partitions of other workspaces, or of cohorts that did not change, stay.
            .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
            .getOrCreate())


def cohort_name(partner, cohort_id):
    return f"{partner}/{cohort_id}"


class Export:
    """What `cohort export changes` has written, on any storage that Spark reads."""

    def __init__(self, spark, folder):
        self.spark, self.folder = spark, folder
        text = spark.read.text(f"{folder}/manifest.json", wholetext=True).first()[0]
        self.manifest = json.loads(text)

    def read(self, kind, schema):
        paths = [f"{self.folder}/{file['name']}" for file in self.manifest[kind]]
        if not paths:
            return self.spark.createDataFrame([], schema)
        if self.manifest["format"] == "csv":
            # An identifier may hold the end of a line: such files cannot be divided, so export
            # without identifiers or as NDJSON.
            whole = self.manifest["identifiers"] != "none"
            return self.spark.read.csv(
                paths, schema=schema, header=True, quote='"', escape='"', multiLine=whole,
                enforceSchema=True)
        return self.spark.read.schema(schema).json(paths)

    def changes(self):
        return self.read("files", CHANGES).select(
            f.concat_ws("/", "partner", "cohort_id").alias("cohort"), "position", "time_us", "kind",
            f.when(f.col("direction") == "entered", 1).otherwise(-1).cast("tinyint").alias("sign"),
            "user")

    def people(self):
        is_csv = self.manifest["format"] == "csv"
        return self.read("users", PEOPLE_CSV if is_csv else PEOPLE).select(
            "position", "time_us", "kind",
            f.when(f.col("kind") == "created", 1).otherwise(-1).cast("tinyint").alias("sign"),
            "user")


def prepare(spark, folder, table, workspace):
    """Puts an export into a table, in place of an earlier one of that workspace."""
    export = Export(spark, folder)
    # One writer a cohort at most, and files of a size that one machine likes.
    (export.changes().withColumn("workspace", f.lit(workspace))
     .repartition("workspace", "cohort")
     .write.mode("overwrite").partitionBy("workspace", "cohort")
     .option("maxRecordsPerFile", 20_000_000).parquet(f"{table}/changes"))
    (export.people().withColumn("workspace", f.lit(workspace))
     .write.mode("overwrite").partitionBy("workspace").parquet(f"{table}/people"))
    # Last: what has no manifest here is not whole.
    (spark.createDataFrame([(json.dumps(export.manifest), workspace)], "manifest STRING, workspace STRING")
     .write.mode("overwrite").partitionBy("workspace").json(f"{table}/exports"))
    rows = History(spark, table, workspace).changes.count()
    if rows != export.manifest["rows"]:
        raise SystemExit(f"{rows} rows instead of {export.manifest['rows']}. Prepare again.")


class History:
    """One workspace of a table, or an export as it is."""

    def __init__(self, spark, table, workspace=None):
        if workspace is None:
            export = Export(spark, table)
            self.manifest, self.changes, self.people = (
                export.manifest, export.changes(), export.people())
            return

        def read(kind):
            return (spark.read.parquet(f"{table}/{kind}")
                    .where(f.col("workspace") == workspace).drop("workspace"))

        self.manifest = json.loads(
            spark.read.json(f"{table}/exports").where(f.col("workspace") == workspace)
            .first()["manifest"])
        self.changes, self.people = read("changes"), read("people")

    def end(self):
        return self.manifest["position"]

    @staticmethod
    def through(rows, as_of):
        """`as_of`: a position, or ('time', microseconds): an instant never cuts a request."""
        if isinstance(as_of, tuple):
            return rows.where(f.col("time_us") <= as_of[1])
        return rows.where(f.col("position") <= as_of)

    def members(self, partner, cohort_id, as_of):
        rows = self.changes.where(f.col("cohort") == cohort_name(partner, cohort_id))
        return (self.through(rows, as_of).groupBy("user").agg(f.sum("sign").alias("stays"))
                .where("stays = 1").select("user"))

    def members_of_all(self, as_of):
        """Who is in which cohort: for exports to elsewhere, and for comparing all at once."""
        return (self.through(self.changes, as_of).groupBy("cohort", "user")
                .agg(f.sum("sign").alias("stays")).where("stays = 1").select("cohort", "user"))

    def sizes(self, every=None):
        """Of every cohort: after each position that changed it, or at the end of each `every`
        seconds in which something did."""
        if every:
            step = f.expr(f"(time_us div {every * 1_000_000} + 1) * {every * 1_000_000}")
        else:
            step = f.col("position")
        steps = self.changes.groupBy("cohort", step.alias("at")).agg(f.sum("sign").alias("change"))
        # What is sorted here is one row a step, not one a change.
        so_far = Window.partitionBy("cohort").orderBy("at")
        return steps.select("cohort", "at", f.sum("change").over(so_far).alias("size"))

    def segment(self, filter_, as_of):
        """Who matches a filter of cohorts."""
        named = [cohort_name(*cohort) for cohort in filters.cohorts(filter_)]
        rows = self.through(self.changes.where(f.col("cohort").isin(named)), as_of)
        flags = rows.groupBy("user").agg(*[
            (f.sum(f.when(f.col("cohort") == name, f.col("sign")).otherwise(0)) == 1)
            .alias(f"m{number}") for number, name in enumerate(named)])
        here = (self.through(self.people, as_of).groupBy("user").agg(f.sum("sign").alias("lives"))
                .where("lives = 1").select("user"))
        holds = filters.expression(
            filter_,
            lambda *name: f.coalesce(f.col(f"m{named.index(cohort_name(*name))}"), f.lit(False)),
            operator.and_, operator.or_, operator.invert)
        return here.join(flags, "user", "left").where(holds).select("user")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("prepare")
    one.add_argument("export")
    one.add_argument("table")
    one.add_argument("--workspace", required=True)
    for verb, what in (("members", "cohort"), ("sizes", "cohort"), ("segment", "filter")):
        one = verbs.add_parser(verb)
        one.add_argument("table")
        one.add_argument("workspace")
        one.add_argument(what)
        one.add_argument("--count", action="store_true", help="only how many")
        if verb == "sizes":
            one.add_argument("--every", type=int, metavar="SECONDS")
        else:
            one.add_argument("--as-of", type=int, metavar="POSITION")
            one.add_argument("--at", type=int, metavar="MICROSECONDS")
    words = parser.parse_args()
    spark = session()
    if words.verb == "prepare":
        return prepare(spark, words.export, words.table, words.workspace)
    history = History(spark, words.table, words.workspace)
    if words.verb == "sizes":
        found = (history.sizes(words.every).where(f.col("cohort") == words.cohort)
                 .orderBy("at").select("at", "size"))
    else:
        as_of = history.end() if words.as_of is None else words.as_of
        as_of = ("time", words.at) if words.at is not None else as_of
        if words.verb == "members":
            found = history.members(*words.cohort.split("/", 1), as_of)
        else:
            found = history.segment(filters.read(words.filter), as_of)
        if not words.count:
            found = found.orderBy("user")
    if words.count:
        print(found.count())
    else:
        for row in found.toLocalIterator():
            print(*row, sep="\t")


if __name__ == "__main__":
    main()
