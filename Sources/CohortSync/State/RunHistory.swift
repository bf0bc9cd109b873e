package import CohortModel
import CohortWire

/// The runs of a sync: one JSON object a line, appended and synced when a run ends.
///
/// A run that was killed has no line. A line that was cut by a kill ends with the next one's
/// beginning, and counts for nothing.
package struct RunHistory: Sendable {
  /// What the next run needs to know of one before.
  package struct Record: Hashable, Sendable {
    package let run: Int
    package let isDone: Bool
    package let started: Instant
    /// Whether it was carried to its end, so that a state was left behind.
    package let leftState: Bool
    /// The whole line.
    package let json: [UInt8]
  }

  package let records: [Record]
  private let path: String
  private let isCut: Bool

  package var last: Record? { records.last }

  /// - Throws: ``FileFailure`` if there is a file that cannot be read.
  package init(_ path: String) throws(FileFailure) {
    self.path = path
    guard FileSystem.exists(path) else {
      (records, isCut) = ([], false)
      return
    }
    let bytes = try FileSystem.read(path)
    isCut = !bytes.isEmpty && bytes.last != UInt8(ascii: "\n")
    records = bytes.split(separator: UInt8(ascii: "\n")).compactMap { Record(Array($0)) }
  }

  /// Adds the line of a run.
  package func append(_ report: RunReport) throws(FileFailure) {
    var writer = JSONWriter(behind: isCut ? [UInt8(ascii: "\n")] : [])
    writer.object { json in
      json.members(of: report)
      json.member("done", report.isDone)
    }
    writer.endLine()
    try FileSystem.append(writer.bytes, to: path)
  }
}

extension RunHistory.Record {
  init?(_ line: [UInt8]) {
    guard let root = try? JSONDocument(parsing: line).root,
      let run = root["run"]?.unsignedInteger.flatMap(Int.init(exactly:)),
      let isDone = root["done"]?.bool,
      let started = root["started"]?.string.flatMap({ Instant(text: $0.span) })
    else { return nil }
    (self.run, self.isDone, self.started, json) = (run, isDone, started, line)
    leftState = (root["sent"]?.unsignedInteger ?? 0) > 0 || (isDone && root["failure"] == nil)
  }
}
