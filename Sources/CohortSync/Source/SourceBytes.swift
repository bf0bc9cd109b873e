import Glibc

/// Where the rows of a model come from.
package protocol SourceBytes {
  /// How many bytes there will be, as far as that is known before.
  var expected: Int? { get }

  /// What comes next; nothing at the end.
  func chunk() throws(SourceError) -> [UInt8]

  /// Says, behind the end, whether what came may be believed.
  func confirm() throws(SourceError)
}

/// A file of rows.
package final class FileBytes: SourceBytes {
  private let path: String
  private let file: Descriptor

  package init(_ path: String) throws(SourceError) {
    self.path = path
    do throws(FileFailure) { file = try Descriptor(opening: path, O_RDONLY) } catch {
      throw .unreadable(path: path, reason: error.words)
    }
  }

  package var expected: Int? { file.size }

  package func chunk() throws(SourceError) -> [UInt8] {
    do throws(FileFailure) { return try file.read() } catch {
      throw .unreadable(path: path, reason: error.words)
    }
  }

  package func confirm() {}
}

extension Model {
  /// Reads all rows of a source.
  ///
  /// - Parameters:
  ///   - file: The sync.
  ///   - folder: From which its paths are taken, and in which its command runs.
  ///   - withheld: Variables of the environment that the command does not see.
  ///   - stop: Ends the reading, and the command.
  ///   - progress: Called now and then with the number of rows.
  /// - Returns: The model.
  /// - Throws: ``SourceError``; a command that fails is one, even if rows came.
  package static func read(
    _ file: SyncFile, in folder: String, withholding withheld: Set<String>, stop: StopSign,
    progress: (Int) -> Void
  ) throws(SourceError) -> Model {
    let source: any SourceBytes
    let syntax: Rows.Syntax?
    switch file.source {
    case .csv(let path):
      (source, syntax) = (try FileBytes(FileSystem.path(path, in: folder)), .csv)
    case .ndjson(let path):
      (source, syntax) = (try FileBytes(FileSystem.path(path, in: folder)), .ndjson)
    case .command(let words):
      (source, syntax) = (try CommandBytes(words, in: folder, withholding: withheld), nil)
    }
    var rows = Rows(
      syntax, keyColumn: file.primaryKey, identifierColumn: file.match.column)
    var isFirst = true
    while true {
      let chunk = try source.chunk()
      if chunk.isEmpty { break }
      try rows.push(chunk)
      if isFirst, let expected = source.expected, expected > chunk.count {
        rows.reserve(times: Double(expected) / Double(chunk.count))
      }
      isFirst = false
      progress(rows.model.rowCount)
      if stop.isRaised { throw .interrupted }
    }
    // Why a command failed says more than what is wrong with its last row.
    try source.confirm()
    return try rows.finish()
  }
}
