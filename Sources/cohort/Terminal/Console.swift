import CohortWire
import Glibc

/// Data on standard output, words on standard error.
///
/// Invariant: what was given to ``data(_:)`` leaves in order, and whole at ``flush()``.
final class Console {
  let input: Int32
  private let output: Int32
  private let error: Int32
  private var buffer: [UInt8] = []
  /// Whether answers stand on a log that cannot be read to its end.
  var hasFoundDamage = false

  init(input: Int32 = 0, output: Int32 = 1, error: Int32 = 2) {
    (self.input, self.output, self.error) = (input, output, error)
  }

  /// Whether somebody looks at the words as they come: progress is shown only then.
  var isWatched: Bool { isatty(error) == 1 }

  /// Whether standard output is a terminal rather than a program or a file.
  var isShown: Bool { isatty(output) == 1 }

  // MARK: Data

  func data(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  func line(_ text: [UInt8]) throws { try data(text + [0x0A]) }

  func line(_ text: String) throws { try line(Array(text.utf8)) }

  /// Writes one value of JSON and ends its line.
  func json(_ body: (inout JSONWriter) -> Void) throws {
    var writer = JSONWriter()
    body(&writer)
    try line(writer.bytes)
  }

  /// - Throws: ``OutputClosed`` when nobody reads any more; ``Failure`` for a full disk and the
  ///   like.
  func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    guard let reason = write(buffer, to: output) else { return }
    if reason == EPIPE { throw OutputClosed() }
    let text = unsafe strerror(reason).map { unsafe String(cString: $0) } ?? "unknown"
    throw Failure(
      .storage,
      "Standard output cannot be written (errno \(reason), \(text)). Send it somewhere else.")
  }

  // MARK: Words

  /// Says something, one line, to whoever watches.
  ///
  /// That nobody hears it is no failure.
  func say(_ words: String) { _ = write(Array((words + "\n").utf8), to: error) }

  /// Shows how far a long command is, over the same line again and again, on a terminal only.
  func progress(_ words: String) {
    if isWatched { _ = write(Array("\r\u{1B}[K\(words)".utf8), to: error) }
  }

  func endProgress() { if isWatched { _ = write(Array("\r\u{1B}[K".utf8), to: error) } }

  // MARK: Descriptors

  /// - Returns: `nil`, or the reason of the system.
  private func write(_ bytes: [UInt8], to number: Int32) -> Int32? {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress?.advanced(by: start), $0.count - start)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      start += count
    }
    return nil
  }

  private static let bufferSize = 1 << 16
}

extension String {
  /// The text on one line, without what a terminal would obey.
  var harmless: String {
    var bytes: [UInt8] = []
    for part in Array(utf8).split(
      separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false)
    {
      if !bytes.isEmpty || part.startIndex > 0 { bytes.append(UInt8(ascii: "\\")) }
      TerminalText.append(part.span, to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
