package import CohortModel

/// Why a stream of lines cannot be read on.
package enum LineError: Error, Hashable, Sendable {
  case tooLong(line: Int, limit: Int)
}

extension LineError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let line, let limit):
      "Line \(line) is longer than \(limit) bytes. Send one JSON object on each line."
    }
  }
}

/// Cuts a stream into lines, for NDJSON: push bytes, pull lines.
///
///     splitter.push(chunk.span)
///     while let line = try splitter.next() { … splitter.bytes[line] … }
///     splitter.finish()  // then pull once more: the last line may lack its line break
///
/// A line ends with LF or CR LF. Lines that hold nothing but spaces, tabs and CRs are skipped, but
/// counted, so that ``line`` is the number an editor shows. What is in a line is not looked at.
///
/// Holds what was pushed and not yet pulled, so pull after each push: then it is at most one
/// chunk and one unfinished line.
package struct LineSplitter: Sendable {
  /// The buffer into which the ranges of lines point, until the next push.
  package private(set) var bytes: [UInt8] = []
  /// The number of the line pulled last, 1 for the first.
  package private(set) var line = 0
  /// Blank lines so far.
  package private(set) var blankLines = 0

  private let limit: Int
  /// Lines before this offset were pulled.
  private var start = 0
  /// No line break lies between `start` and this offset.
  private var searched = 0
  private var isFinished = false
  private var failure: LineError?

  /// - Parameter limit: The longest line, in bytes, without its line break.
  package init(limit: Int = 1 << 20) { self.limit = limit }

  package mutating func push(_ chunk: Span<UInt8>) {
    if start > 0 { bytes.removeSubrange(..<start) }
    searched -= start
    start = 0
    bytes.append(copying: chunk)
  }

  /// Says that nothing more will be pushed.
  package mutating func finish() { isFinished = true }

  /// The next line that is not blank, without its line break.
  ///
  /// - Returns: `nil` if the bytes pushed so far hold no other whole line.
  /// - Throws: ``LineError`` if a line is too long, now and at each further call.
  package mutating func next() throws(LineError) -> TextRange? {
    if let failure { throw failure }
    while true {
      let end = ByteScanner.first(of: UInt8(ascii: "\n"), in: bytes.span, from: searched)
      searched = end
      let isWhole = end < bytes.count
      let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
      let text = TextRange(start: start, count: end - start - (hasReturn ? 1 : 0))
      guard text.count <= limit else {
        failure = .tooLong(line: line + 1, limit: limit)
        throw .tooLong(line: line + 1, limit: limit)
      }
      guard isWhole || isFinished && end > start else { return nil }
      line += 1
      start = isWhole ? end + 1 : end
      searched = start
      if !bytes[text].allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return text }
      blankLines += 1
    }
  }
}
