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
  public let cohort: CohortName
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
  /// By cohort, then in the order of the log.
  public let files: [ExportedFile]
}

extension View {
  /// Writes every change of every cohort up to this view's position into files of a folder.
  ///
  ///     cohort-1-0001.ndjson   each cohort has files of its own, of about `fileSize` bytes
  ///     cohort-1-0002.ndjson
  ///     manifest.json          written last: without it, the export is not whole
  ///
  /// A row is a user who entered or left, with the external id of then, if it is not erased.
  ///
  /// - Parameters:
  ///   - path: A folder that is empty or does not exist; its parent must.
  ///   - format: Of the rows.
  ///   - fileSize: A file ends behind the change that reaches it.
  /// - Returns: What the manifest says.
  /// - Throws: ``KeepingError/targetNotEmpty(_:)``, ``KeepingError/failed(_:)``.
  /// - Complexity: O(changes); holds one file at a time in memory.
  public func exportChanges(
    to path: String, as format: ExportFormat, fileSize: Int = 64 << 20
  ) throws(KeepingError) -> ExportReport {
    try exportChanges(to: path, as: format, fileSize: fileSize, on: PosixDisk())
  }

  package func exportChanges(
    to path: String, as format: ExportFormat, fileSize: Int, on disk: any Disk
  ) throws(KeepingError) -> ExportReport {
    do {
      let folder = StorageFolder(path)
      try folder.prepare(isReplaced: false, on: disk)
      var files: [ExportedFile] = []
      for number in 0..<state.cohorts.count {
        let cohort = CohortID(UInt32(number + 1))
        guard exists(cohort) else { continue }
        try export(cohort, in: format, fileSize) { rows in
          let part = files.count(where: { $0.cohort == state.cohorts[cohort].name }) + 1
          let digits = String(part)
          let name =
            "cohort-\(cohort.rawValue)-" + String(repeating: "0", count: max(0, 4 - digits.count))
            + digits + ".\(format.rawValue)"
          try folder.replace(name, with: rows.bytes, on: disk)
          files.append(
            ExportedFile(
              name: name, cohort: state.cohorts[cohort].name, first: rows.first, last: rows.last,
              rows: rows.count, bytes: rows.bytes.count,
              digest: SHA256.digest(rows.bytes.span)))
        }
      }
      guard let head = try treeHead(size: position.rawValue) else {
        throw LedgerError.beyondEnd(position, end: end)
      }
      let report = ExportReport(head: head, files: files)
      try folder.replace(
        "manifest.json", with: Array(report.manifest(log.ledger, format).utf8), on: disk)
      return report
    } catch { throw KeepingError(error) }
  }

  private func export(
    _ cohort: CohortID, in format: ExportFormat, _ fileSize: Int,
    _ write: (ExportRows) throws -> Void
  ) throws {
    var rows = ExportRows(format)
    var after = Position.origin
    while true {
      let changes = try self.changes(of: cohort, after: after, limit: Self.exportPage)
      for (index, change) in changes.enumerated() {
        let then = seen(through: change.position, at: change.time, cutsRequest: false)
        change.users.forEach { number in
          let user = UserID(number)
          rows.add(change, user, then.identity(of: user).externalID, state.cohorts[cohort].name)
        }
        // A merge can be two changes at one position, which stay together.
        let isSplit = index + 1 < changes.count && changes[index + 1].position == change.position
        if rows.bytes.count >= fileSize, !isSplit {
          try write(rows)
          rows = ExportRows(format)
        }
      }
      guard changes.count == Self.exportPage, let last = changes.last else { break }
      after = last.position
    }
    if rows.count > 0 { try write(rows) }
  }

  private static var exportPage: Int { 4_096 }
}

/// The rows of one file.
struct ExportRows {
  private let format: ExportFormat
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0
  private(set) var first = Position.never
  private(set) var last = Position.origin

  init(_ format: ExportFormat) {
    self.format = format
    if format == .csv {
      bytes += Array("position,time_us,partner,cohort_id,kind,direction,user,external_id\n".utf8)
    }
  }

  mutating func add(
    _ change: CohortChange, _ user: UserID, _ externalID: PersonalText?, _ cohort: CohortName
  ) {
    let direction = change.direction == .entering ? "entered" : "left"
    switch format {
    case .ndjson:
      var json = PlainJSON()
      json.object { json in
        json.key("position")
        json.number(change.position.rawValue)
        json.key("time_us")
        json.number(change.time.microseconds)
        json.key("partner")
        json.string(cohort.partner.bytes)
        json.key("cohort_id")
        json.string(cohort.cohortID.bytes)
        json.key("kind")
        json.string(change.kind.rawValue)
        json.key("direction")
        json.string(direction)
        json.key("user")
        json.number(user.rawValue)
        json.key("external_id")
        if let text = externalID?.bytes { json.string(text) } else { json.null() }
      }
      bytes += Array(json.text.utf8)
    case .csv:
      let numbers = "\(change.position.rawValue),\(change.time.microseconds),"
      bytes += Array(numbers.utf8) + Self.field(cohort.partner.bytes) + [0x2C]
      bytes += Self.field(cohort.cohortID.bytes)
      bytes += Array(",\(change.kind.rawValue),\(direction),\(user.rawValue),".utf8)
      bytes += Self.field(externalID?.bytes ?? [])
    }
    bytes.append(0x0A)
    count += 1
    first = min(first, change.position)
    last = max(last, change.position)
  }

  /// Quoted where a comma, a quote or the end of a line would be misread.
  private static func field(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(where: { [0x2C, 0x22, 0x0A, 0x0D].contains($0) }) else { return text }
    return [0x22] + text.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
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
      json.key("root")
      json.string(head.root.description)
      json.key("format")
      json.string(format.rawValue)
      json.key("rows")
      json.number(files.reduce(0) { $0 + $1.rows })
      json.key("files")
      json.list(files) { json, file in
        json.object { json in
          json.key("name")
          json.string(file.name)
          json.key("partner")
          json.string(file.cohort.partner.bytes)
          json.key("cohort_id")
          json.string(file.cohort.cohortID.bytes)
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
    return json.text + "\n"
  }
}
