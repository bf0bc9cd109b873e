// CONTRACT part 3: cohorts.

extension Operation {
  static let listCohorts = Operation(
    "List cohorts",
    "In the order in which they were first named. `search` finds a text in names and ids, in "
      + "capital letters or small ones. Archived ones are listed unless `include_archived` is "
      + "`false`.",
    answers: [.list("With their sizes.", "cohorts", of: .named(.cohort))],
    failures: [.notFound])

  static let cohort = Operation(
    "Show a cohort",
    "An id that no URL can hold, `.` or `..`, stands in `cohort_id`, and `-` in its place in the "
      + "path: here, and wherever the path names a cohort.",
    answers: [
      .json(
        200, "Its name, size and last change.",
        .allOf([.object(["as_of": .named(.asOf)]), .named(.cohort)]))
    ])

  static let cohortMembers = Operation(
    "List the members of a cohort",
    "In the order of their numbers. With `identity=now` survivors stand for those merged into "
      + "them, and users deleted since are counted in `gone`.",
    answers: [
      .list(
        "Members at that moment.", "members", of: .named(.member),
        ["partner": .string, "cohort_id": .string, "count": .count],
        optional: [
          "gone": .count,
          "exists": Schema.constant(false).described("It did not exist at that moment."),
        ])
    ])

  static let cohortDiff = Operation(
    "Compare a cohort at two moments", "Those who came stand before those who went.",
    answers: [
      Answer(
        status: 200, detail: "Who came and who went.",
        contents: [
          Content(type: "application/json", schema: difference),
          Content(
            type: "application/x-ndjson",
            schema: .object(["change": .choice(["added", "removed"]), "member": .named(.member)])),
        ], headers: [.ledgerTime])
    ])

  private static let difference = Schema.object(
    [
      "partner": .string, "cohort_id": .string, "as_of": .named(.asOf), "from": .named(.asOf),
      "to": .named(.asOf), "added_count": .count, "removed_count": .count,
      "added": .array(of: .named(.member)), "removed": .array(of: .named(.member)),
    ], optional: ["gone": .count, "next": .string])

  static let cohortChanges = Operation(
    "List the changes of a cohort",
    "Imports, merges and deletions, each with who came or went and the size behind it. With "
      + "`members=none` they are only counted. With `requests=true` each says which request it was, "
      + "by which key, and of an import what became of all its identifiers; a page then has at most "
      + "256.",
    answers: [
      .list(
        "Oldest first, unless asked otherwise.", "changes",
        of: .object(
          [
            "position": .position, "time": .time, "kind": .changeKind, "added_count": .count,
            "removed_count": .count, "size": .count, "unmatched": .count,
          ],
          optional: [
            "added": .array(of: .named(.member)), "removed": .array(of: .named(.member)),
            "request": .position, "key": .named(.keyID),
            "counts": Schema.named(.outcomes).orNull,
          ]), ["partner": .string, "cohort_id": .string])
    ])

  static let cohortSizes = Operation(
    "Show how a cohort grew", "At evenly spaced instants, both ends included.",
    answers: [
      .json(
        200, "Exact sizes.",
        .object([
          "partner": .string, "cohort_id": .string, "as_of": .named(.asOf),
          "sizes": .array(of: .object(["time": .time, "size": .count])),
        ]))
    ])

  static let archiveCohort = archivingCohort(
    "Archive a cohort", "It refuses imports; members stay, and what uses it goes on.")
  static let restoreCohort = archivingCohort("Restore an archived cohort", "")

  private static func archivingCohort(_ summary: String, _ detail: String) -> Operation {
    Operation(
      summary, detail,
      body: .json(
        .closed(optional: ["cohort_id": .text(1...1_024)]), example: .object([]), isOptional: true),
      fields: [.idempotencyKey],
      answers: [
        .written(
          "It is so; this uses it.", optional: ["dependants": Schema.named(.dependants).orNull])
      ])
  }

  static let dependants = Operation(
    "Show what uses a cohort or a segment",
    answers: [
      .json(
        200, "Segments, campaigns and Canvases.",
        .object(["as_of": .named(.asOf), "dependants": .named(.dependants)]))
    ], failures: [.notFound])
}
