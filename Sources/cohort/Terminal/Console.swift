import CohortWire
import Glibc

/// Data on standard output, words on standard error.
///
/// Invariant: what was given to ``data(_:)`` leaves in order, and whole at ``flush()``.
final class Console {
  let input: Int32
  let output: Int32
  let error: Int32
  /// Whose descriptors these are, when a server carries out the command; else they are our own.
  let caller: Caller?
  private var buffer: [UInt8] = []
  /// Whether answers stand on a log that cannot be read to its end.
  var hasFoundDamage = false

  init(input: Int32 = 0, output: Int32 = 1, error: Int32 = 2, caller: Caller? = nil) {
    (self.input, self.output, self.error, self.caller) = (input, output, error, caller)
  }

  /// Whether somebody looks at the words as they come: progress is shown only then.
  var isWatched: Bool { isatty(error) == 1 }

  /// Whether standard output is a terminal rather than a program or a file.
  var isShown: Bool { isatty(output) == 1 }

  /// Whether nobody waits for the command any more: what it would still do is for nobody.
  var isAbandoned: Bool { caller?.isGone == true }

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

  /// - Returns: `nil`, or the reason of the system; `EPIPE` also if the caller is gone.
  private func write(_ bytes: [UInt8], to number: Int32) -> Int32? {
    // What is ready to be written to takes so much at once without making us wait: then a caller
    // that goes is noticed. Files make nobody wait.
    let pieceMax = caller == nil || Self.isFile(number) ? .max : Int(PIPE_BUF)
    var start = 0
    while start < bytes.count {
      guard wait(for: POLLOUT, on: number) else { return EPIPE }
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(
          number, $0.baseAddress?.advanced(by: start), min($0.count - start, pieceMax))
      }
      if count < 0 {
        // Somebody who shares the descriptor may have made it one that does not wait.
        if errno == EINTR || errno == EAGAIN { continue }
        return errno
      }
      start += count
    }
    return nil
  }

  /// Waits until a descriptor of the command is ready.
  ///
  /// - Returns: `false` if the caller is gone.
  func wait(for events: Int32, on number: Int32) -> Bool {
    if let caller { return caller.wait(for: events, on: number) }
    var descriptor = pollfd(fd: number, events: Int16(events), revents: 0)
    _ = unsafe poll(&descriptor, 1, -1)
    return true
  }

  private static func isFile(_ number: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
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
