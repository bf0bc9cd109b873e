import CohortModel
import CohortSync
import CohortWire
import Glibc

let syncFileErrors = GalleryRoom(
  type: "SyncFileError", file: "Sources/CohortSync/File/SyncFileError.swift", manner: .sentences,
  entries: [
    GalleryEntry(
      "unreadable",
      SyncFileError.unreadable(path: "vip.json", reason: FileFailure(ENOENT).words)),
    GalleryEntry("notJSON", SyncFileError.notJSON(JSONError(.endsEarly, at: 41))),
    GalleryEntry(
      "unknownField", SyncFileError.unknownField("match.external", nearest: "match.external_id")),
    GalleryEntry("missing", SyncFileError.missing("primary_key", "the name of a column")),
    GalleryEntry("wrong", SyncFileError.wrong("guard.allow_empty", "true or false")),
    GalleryEntry(
      "notOne", SyncFileError.notOne("source", of: ["command", "csv", "ndjson"], given: 2)),
    GalleryEntry("literalSecret", SyncFileError.literalSecret("destination.partner_api_key")),
    GalleryEntry("cron", SyncFileError.cron(CronError(.fieldCount(4), field: nil))),
    GalleryEntry(
      "unknownTimeZone", SyncFileError.unknownTimeZone("Europe/Berln", nearest: "Europe/Berlin")),
  ])

let cronErrors = GalleryRoom(
  type: "CronError", file: "Sources/CohortSync/Schedule/Cron.swift", manner: .sentences,
  entries: [
    GalleryEntry("fieldCount", CronError(.fieldCount(4), field: nil)),
    GalleryEntry("outside", CronError(.outside(0, 59), field: "minute")),
    GalleryEntry("backwards", CronError(.backwards, field: "day of week")),
    GalleryEntry("noSuchDay", CronError(.noSuchDay, field: nil)),
  ])

let secretErrors = GalleryRoom(
  type: "SecretError", file: "Sources/CohortSync/File/SecretSource.swift", manner: .sentences,
  entries: [
    GalleryEntry("noVariable", SecretError.noVariable("PARTNER_API_KEY")),
    GalleryEntry(
      "unreadable", SecretError.unreadable("import.key", FileFailure(EACCES).words)),
    GalleryEntry("empty", SecretError.empty(.environment("REST_KEY"))),
    GalleryEntry("strange", SecretError.strange(.file("import.key"))),
  ])

let sourceErrors = GalleryRoom(
  type: "SourceError", file: "Sources/CohortSync/Source/SourceError.swift", manner: .sentences,
  entries: [
    GalleryEntry(
      "unreadable", SourceError.unreadable(path: "vip.csv", reason: FileFailure(ENOENT).words)),
    GalleryEntry("csv", SourceError.csv(CSVError(.openQuote, line: 3, column: 7))),
    GalleryEntry("line", SourceError.line(.tooLong(line: 3, limit: 1 << 20))),
    GalleryEntry("json", SourceError.json(line: 3, JSONError(.duplicateKey, at: 41))),
    GalleryEntry("notObject", SourceError.notObject(line: 3)),
    GalleryEntry("noColumn", SourceError.noColumn("customer_id", nearest: "custmer_id")),
    GalleryEntry(
      "notStarted", SourceError.notStarted(program: "psql", reason: FileFailure(ENOENT).words)),
    GalleryEntry("failed", SourceError.failed(program: "psql", code: 2)),
    GalleryEntry("killed", SourceError.killed(program: "psql", signal: 9)),
    GalleryEntry(
      "keys",
      SourceError.keys(
        [
          KeyFault(row: 2, reason: .null), KeyFault(row: 3, reason: .missing),
          KeyFault(row: 5, reason: .notText), KeyFault(row: 8, reason: .duplicate(of: 1)),
        ], count: 6)),
    GalleryEntry("tooLarge", SourceError.tooLarge(rows: 300_000_000)),
    GalleryEntry("interrupted", SourceError.interrupted),
  ])

let syncFailures = GalleryRoom(
  type: "SyncFailure", file: "Sources/CohortSync/Run/SyncFailure.swift", manner: .sentences,
  entries: [
    GalleryEntry("file", SyncFailure.file(.literalSecret("destination.read_key"))),
    GalleryEntry("secret", SyncFailure.secret(.noVariable("REST_KEY"))),
    GalleryEntry("source", SyncFailure.source(.interrupted)),
    GalleryEntry(
      "storage", SyncFailure.storage(path: "sync-state/vip.state", FileFailure(ENOSPC))),
    GalleryEntry("locked", SyncFailure.locked("vip")),
    GalleryEntry("otherDestination", SyncFailure.otherDestination("sync-state/vip.state")),
    GalleryEntry("laterState", SyncFailure.laterState(path: "sync-state/vip.state", 2)),
    GalleryEntry(
      "noCohort", SyncFailure.noCohort(CohortName(partner: "hightouch", cohortID: "vip"))),
    GalleryEntry("noSchedule", SyncFailure.noSchedule("vip")),
    GalleryEntry("sameName", SyncFailure.sameName("vip")),
  ])

let forwardFailures = GalleryRoom(
  type: "ForwardFailure", file: "Sources/CohortSync/Forward/ForwardFailure.swift",
  manner: .sentences,
  entries: [
    GalleryEntry("secret", ForwardFailure.secret(.noVariable("REST_KEY"))),
    GalleryEntry(
      "storage",
      ForwardFailure.storage(path: "forward-state/platform.forward", FileFailure(ENOSPC))),
    GalleryEntry("locked", ForwardFailure.locked("platform")),
    GalleryEntry("sameLedger", ForwardFailure.sameLedger),
    GalleryEntry("otherState", ForwardFailure.otherState("forward-state/platform.forward")),
    GalleryEntry(
      "laterState", ForwardFailure.laterState(path: "forward-state/platform.forward", 2)),
  ])
