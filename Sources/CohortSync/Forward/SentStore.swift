import CohortFormat
import CohortModel
import CohortWire

/// Keeps the state of a forwarding on the disk.
///
/// What ``append(_:)`` was given is there after a kill at any later moment.
struct SentStore: Sendable {
  let folder: ForwardFolder
  private(set) var file: SentFile
  private var digest = ""
  private var baseSize = 0
  private var journalSize = 0
  /// Whether no file has an identifier that the state does not have.
  private(set) var isClean = true

  var state: SentState { file.state }
  var head: SentHead { file.head }

  /// Begins anew, over whatever stood there.
  init(_ folder: ForwardFolder, _ file: SentFile) throws(FileFailure) {
    (self.folder, self.file) = (folder, file)
    try rewrite()
  }

  /// Reads what is there.
  ///
  /// - Throws: ``StateError``.
  init(_ folder: ForwardFolder) throws(StateError) {
    self.folder = folder
    let bytes: [UInt8]
    do throws(FileFailure) { bytes = try FileSystem.read(folder.state) } catch {
      throw FileSystem.exists(folder.state) ? .system(error) : .none
    }
    (file, digest) = try SentFile.read(bytes)
    baseSize = bytes.count
    guard FileSystem.exists(folder.journal) else { return }
    let journal: [UInt8]
    do throws(FileFailure) { journal = try FileSystem.read(folder.journal) } catch {
      throw .system(error)
    }
    journalSize = journal.count
    try replay(journal)
    // What is cut must not stand before what is appended. And whoever was killed may have been
    // about to take somebody out of the files.
    do throws(FileFailure) { try rewrite() } catch { throw .system(error) }
  }

  private mutating func replay(_ journal: [UInt8]) throws(StateError) {
    var lines = journal.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // Empty, or cut.
    lines.removeLast()
    var document = JSONDocument()
    for (number, line) in lines.enumerated() {
      let text = Array(line.dropFirst(17))
      guard line.starts(with: Self.digits(of: text)),
        (try? document.parse(copying: text.span)) != nil
      else {
        // Pages of the last line may be there while others are not.
        guard number == lines.count - 1 else { throw .damaged }
        return
      }
      if number == 0 {
        guard document.root["base"]?.string?.elementsEqual(digest.utf8) == true else { return }
        continue
      }
      guard let change = SentChange(json: document.root, cohorts: head.placeCount) else {
        throw .damaged
      }
      file.state.take(change)
    }
  }

  private static func digits(of text: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(text.span)
    return Array(hash.digest().description.utf8.prefix(16)) + [UInt8(ascii: " ")]
  }

  /// Carries a change out; it is durable when this returns.
  mutating func append(_ change: SentChange) throws(FileFailure) {
    var lines: [UInt8] = []
    if journalSize == 0 { lines += Self.journalLine(Self.base(digest)) }
    lines += Self.journalLine(change.json)
    try FileSystem.append(lines, to: folder.journal)
    journalSize += lines.count
    isClean = isClean && !file.state.forgets(by: change)
    file.state.take(change)
    if journalSize > max(4 << 20, baseSize) { try rewrite() }
  }

  private static func base(_ digest: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { $0.member("base", digest) }
    return writer.bytes
  }

  private static func journalLine(_ json: [UInt8]) -> [UInt8] {
    digits(of: json) + json + [UInt8(ascii: "\n")]
  }

  /// Writes the state whole, so that what was forgotten stands nowhere any more.
  mutating func rewrite() throws(FileFailure) {
    let file = file
    var digest = ""
    var size = 0
    try FileSystem.replace(folder.state) { writer throws(FileFailure) in
      digest = try file.write { bytes throws(FileFailure) in
        size += bytes.count
        try writer.write(bytes)
      }
    }
    (self.digest, baseSize, journalSize) = (digest, size, 0)
    // The old journal names the old file.
    try FileSystem.remove(folder.journal)
    isClean = true
  }
}
