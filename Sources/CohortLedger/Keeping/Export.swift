import CohortFormat
package import CohortLog
public import CohortModel

/// How exported files are written.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// One JSON object a line.
  case ndjson
  /// A header, then one line a change: RFC 4180 with line feeds.
  case csv
}

/// One file of an export.
public struct ExportedFile: Hashable, Sendable {
  public let name: String
  /// `nil` for a file of users.
  public let cohort: CohortName?
  public let first: Position
  public let last: Position
  /// One for each user who came or went.
  public let rows: Int
  public let bytes: Int
  /// SHA-256 of the file.
  public let digest: Digest
}

/// What an export has written.
public struct ExportReport: Sendable {
  /// The tree as of the export's position: what it was made from.
  public let head: TreeHead
  /// Where a feed goes on behind the export.
  public let checkpoint: Checkpoint
  /// Of the last event that is in it; of the log's beginning for an empty one.
  public let time: Instant
  public let showsIdentifiers: Bool
  /// Every cohort that existed, by number, also those without a file.
  public let cohorts: [ExportedCohort]
  /// By cohort, then in the order of the log.
  public let files: [ExportedFile]
  /// Who was created, merged away and deleted, in the order of the log.
  public let userFiles: [ExportedFile]
}

/// A cohort as of the position of an export.
public struct ExportedCohort: Hashable, Sendable {
  public let cohort: CohortName
  public let created: Position
  /// How many members remain once all its rows are folded.
  public let size: Int
}

extension View {
  /// Writes every change of every cohort up to this view's position into files of a folder, and
  /// who existed when.
  ///
  ///     cohort-1-0001.ndjson   each cohort has files of its own, of about `fileSize` bytes
  ///     cohort-1-0002.ndjson
  ///     users-0001.ndjson      what `not` is relative to
  ///     manifest.json          written last: without it, the export is not whole
  ///
  /// A row is a user who entered or left, with the identifiers of then that are not erased; one
  /// whom a merge or a deletion ends, with those of just before.
  ///
  /// - Parameters:
  ///   - path: A folder that is empty or does not exist; its parent must.
  ///   - format: Of the rows.
  ///   - showsIdentifiers: Otherwise users are numbers, and nothing personal is written.
  ///   - fileSize: A file ends behind the change that reaches it, at the latest when a long change
  ///     has reached it twice.
  /// - Returns: What the manifest says.
  /// - Throws: ``KeepingError/targetNotEmpty(_:)``, ``KeepingError/failed(_:)``.
  /// - Complexity: O(changes), and one pass over the log; holds one file at a time in memory.
  public func exportChanges(
    to path: String, as format: ExportFormat, showsIdentifiers: Bool = true,
    fileSize: Int = 32 << 20
  ) throws(KeepingError) -> ExportReport {
    try exportChanges(
      to: path, as: format, showsIdentifiers: showsIdentifiers, fileSize: fileSize,
      on: PosixDisk())
  }

  package func exportChanges(
    to path: String, as format: ExportFormat, showsIdentifiers: Bool = true, fileSize: Int,
    on disk: any Disk
  ) throws(KeepingError) -> ExportReport {
    do {
      let folder = StorageFolder(path)
      try folder.prepare(isReplaced: false, on: disk)
      var (files, cohorts): ([ExportedFile], [ExportedCohort]) = ([], [])
      for number in 0..<state.cohorts.count {
        let cohort = CohortID(UInt32(number + 1))
        guard exists(cohort) else { continue }
        let record = state.cohorts[cohort]
        var export = ExportFiles(
          "cohort-\(cohort.rawValue)", of: record.name, to: folder, on: disk, fileSize,
          ExportRows(format, state, showsIdentifiers: showsIdentifiers))
        try addChanges(of: cohort, to: &export)
        files += try export.finished()
        cohorts.append(
          ExportedCohort(
            cohort: record.name, created: record.createdAt, size: try size(of: cohort)))
      }
      var users = ExportFiles(
        "users", of: nil, to: folder, on: disk, fileSize,
        ExportRows(format, state, showsIdentifiers: showsIdentifiers))
      let time = try addUsers(to: &users)
      guard let head = try treeHead(size: position.rawValue) else {
        throw LedgerError.beyondEnd(position, end: end)
      }
      let report = ExportReport(
        head: head, checkpoint: try checkpoint(at: position), time: time ?? log.header.created,
        showsIdentifiers: showsIdentifiers, cohorts: cohorts, files: files,
        userFiles: try users.finished())
      try folder.replace(
        "manifest.json", with: Array(report.manifest(log.ledger, format).utf8), on: disk)
      return report
    } catch { throw KeepingError(error) }
  }

  private func addChanges(of cohort: CohortID, to export: inout ExportFiles) throws {
    var after = Position.origin
    while true {
      let changes = try self.changes(of: cohort, after: after, limit: Self.exportPage)
      for (index, change) in changes.enumerated() {
        // A merge can be two changes at one position, which stay together.
        let isSplit = index + 1 < changes.count && changes[index + 1].position == change.position
        try export.add(change, mayEndFile: !isSplit)
      }
      guard changes.count == Self.exportPage, let last = changes.last else { return }
      after = last.position
    }
  }

  /// - Returns: The time of the last event.
  private func addUsers(to export: inout ExportFiles) throws -> Instant? {
    var broken: (any Error)?
    var time: Instant?
    try forEachEvent(after: .origin) { decoded, _ in
      let recorded = decoded.recorded
      time = recorded.time
      do {
        switch recorded.event {
        case .userCreated(let event): try export.add(recorded, .created, event.user, into: nil)
        case .usersMerged(let event):
          try export.add(recorded, .merge, event.user, into: event.into)
        case .userDeleted(let event): try export.add(recorded, .deletion, event.user, into: nil)
        case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .identifierAdded,
          .identifierRemoved, .externalIDRenamed, .userIdentified, .userErased, .erasureFinished,
          .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored, .membersChanged,
          .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived,
          .campaignRestored, .audienceFrozen, .recovered, .restored:
          break
        }
      } catch { broken = error }
      return broken == nil
    }
    if let broken { throw broken }
    return time
  }

  private static var exportPage: Int { 4_096 }
}

/// The files of one cohort, or of the users: one is gathered in memory, the others are durable.
private struct ExportFiles {
  private let stem: String
  private let cohort: CohortName?
  private let folder: StorageFolder
  private let disk: any Disk
  private let fileSize: Int
  private var rows: ExportRows
  private var files: [ExportedFile] = []

  init(
    _ stem: String, of cohort: CohortName?, to folder: StorageFolder, on disk: any Disk,
    _ fileSize: Int, _ rows: ExportRows
  ) {
    (self.stem, self.cohort, self.folder, self.disk) = (stem, cohort, folder, disk)
    (self.fileSize, self.rows) = (fileSize, rows)
    self.rows.begin(ofUsers: cohort == nil)
  }

  mutating func add(_ change: CohortChange, mayEndFile: Bool) throws {
    guard let cohort else { return }
    for user in change.users.users {
      rows.add(change, UserID(user), cohort)
      if rows.bytes.count >= 2 * fileSize { try end() }
    }
    if mayEndFile, rows.bytes.count >= fileSize { try end() }
  }

  mutating func add(
    _ recorded: Recorded, _ kind: ExportRows.UserChange, _ user: UserID, into: UserID?
  ) throws {
    rows.add(recorded, kind, user, into: into)
    if rows.bytes.count >= fileSize { try end() }
  }

  mutating func finished() throws -> [ExportedFile] {
    try end()
    return files
  }

  private mutating func end() throws {
    guard rows.count > 0 else { return }
    let digits = String(files.count + 1)
    let name =
      "\(stem)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      + ".\(rows.format.rawValue)"
    try folder.replace(name, with: rows.bytes, on: disk)
    files.append(
      ExportedFile(
        name: name, cohort: cohort, first: rows.first, last: rows.last, rows: rows.count,
        bytes: rows.bytes.count, digest: SHA256.digest(rows.bytes.span)))
    rows.begin(ofUsers: cohort == nil)
  }
}

extension ExportReport {
  func manifest(_ ledger: LedgerID, _ format: ExportFormat) -> String {
    var json = PlainJSON()
    json.object { json in
      json.key("ledger")
      json.string(ledger.description)
      json.key("position")
      json.number(head.size)
      json.key("checkpoint")
      json.string(checkpoint.description)
      json.key("time_us")
      json.number(time.microseconds)
      json.key("root")
      json.string(head.root.description)
      json.key("format")
      json.string(format.rawValue)
      json.key("identifiers")
      json.string(showsIdentifiers ? "all" : "none")
      json.key("rows")
      json.number(files.reduce(0) { $0 + $1.rows })
      json.key("cohorts")
      json.list(cohorts) { json, cohort in
        json.object { json in
          json.cohort(cohort.cohort)
          json.key("created")
          json.number(cohort.created.rawValue)
          json.key("size")
          json.number(cohort.size)
        }
      }
      for (key, files) in [("files", files), ("users", userFiles)] {
        json.key(key)
        json.list(files) { json, file in json.file(file) }
      }
    }
    return json.text + "\n"
  }
}

extension PlainJSON {
  fileprivate mutating func cohort(_ name: CohortName) {
    key("partner")
    string(name.partner.bytes)
    key("cohort_id")
    string(name.cohortID.bytes)
  }

  fileprivate mutating func file(_ file: ExportedFile) {
    object { json in
      json.key("name")
      json.string(file.name)
      if let cohort = file.cohort { json.cohort(cohort) }
      json.key("first")
      json.number(file.first.rawValue)
      json.key("last")
      json.number(file.last.rawValue)
      json.key("rows")
      json.number(file.rows)
      json.key("bytes")
      json.number(file.bytes)
      json.key("sha256")
      json.string(file.digest.description)
    }
  }
}
